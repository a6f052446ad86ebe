//! Replacing on a simulated disk that loses every change that was not synced, in every order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

mod support;

use mediaflow_core::replace::{Mechanism, State};
use mediaflow_transport::storage::ErrorClass;
use support::explore::Counts;
use support::films::SOURCE;
use support::scenario::{Blame, Scenario, What, scenarios, show};
use support::world::{Fault, Outside, Plan};

/// What the operating system may say instead of doing it, or after having done it.
const FAULTS: [Fault; 6] = [
    Fault::Fails(ErrorClass::Io),
    Fault::Fails(ErrorClass::NoSpace),
    Fault::Fails(ErrorClass::Permission),
    Fault::SucceedsButReports(ErrorClass::Exists),
    Fault::SucceedsButReports(ErrorClass::NotFound),
    Fault::SucceedsButReports(ErrorClass::Io),
];

#[test]
fn no_crash_in_any_order_of_loss_costs_a_film() {
    let mut total = Counts::default();
    for scenario in scenarios() {
        let counts = scenario.explore(Plan::default(), Blame::Nobody);
        println!("{:<45} {counts:?}", scenario.name());
        assert!(counts.done > 0, "{}: no crash was survived forward", scenario.name());
        total += counts;
    }
    println!("{:<45} {total:?}", "all");
}

/// How many calls a run makes when nothing goes wrong.
fn calls(scenario: &Scenario) -> usize {
    let (tree, rows) = scenario.start();
    let (world, storage) = scenario.mount(&tree, Plan::default());
    let journal = scenario.journal(&rows, &world);
    assert!(scenario.run(&storage, &journal).is_ok());
    world.calls()
}

#[test]
fn an_error_at_any_call_ends_in_one_of_the_two_ways_or_is_told() {
    let mut total = Counts::default();
    for scenario in scenarios() {
        let (tree, rows) = scenario.start();
        for call in 0..calls(&scenario) {
            for fault in FAULTS {
                let (world, storage) = scenario.mount(&tree, Plan { fault_at: Some((call, fault)), ..Plan::default() });
                let journal = scenario.journal(&rows, &world);
                let answer = scenario.run(&storage, &journal);
                let name = world.name_of(call).unwrap();
                let context = format!("{}: {fault:?} at call {call}, {name}", scenario.name());
                for left in storage.after_crash().0 {
                    scenario.check_instant(&left, &journal.rows());
                    total.states += 1;
                }
                scenario.recover(&storage, &journal).unwrap_or_else(|error| panic!("{context}: {error}"));
                let end = scenario.check_end(&storage.live(), &journal.rows(), &tree, Blame::Disk);
                scenario.check_again(&storage.live(), &journal.rows());
                let durability = name.starts_with("sync") || name == "close";
                assert!(end != State::Conflict || durability, "{context}: a conflict\n{:#?}", journal.rows());
                assert!(!answer.is_ok() || end == State::Done, "{context}: success was reported");
                // An answer that was lost is no reason to give up.
                let moved = ["link", "exchange", "rename_no_replace", "rename_replace", "remove"].contains(&name);
                let lost_answer = matches!(fault, Fault::SucceedsButReports(_)) && moved;
                assert!(!lost_answer || !can_do(&scenario, name) || end == State::Done, "{context}: {end:?}");
                total.end(end);
            }
        }
    }
    println!("{total:?}");
    assert!(total.conflicts > 0 && total.done > 0 && total.abandoned > 0);
}

#[test]
#[ignore = "minutes: every error at every call, and then a crash at every change"]
fn an_error_and_then_a_crash_cost_no_film_either() {
    let mut total = Counts::default();
    for scenario in scenarios() {
        let mut counts = Counts::default();
        for call in 0..calls(&scenario) {
            for fault in FAULTS {
                counts += scenario.explore(Plan { fault_at: Some((call, fault)), ..Plan::default() }, Blame::Disk);
            }
        }
        println!("{:<45} {counts:?}", scenario.name());
        total += counts;
    }
    println!("{:<45} {total:?}", "all");
}

/// Whether the storage of a scenario knows this operation at all.
fn can_do(scenario: &Scenario, name: &str) -> bool {
    match name {
        "link" => scenario.capabilities.link,
        "exchange" => scenario.capabilities.exchange,
        "rename_no_replace" => scenario.capabilities.rename_no_replace,
        _ => true,
    }
}

#[test]
fn a_disk_that_keeps_other_bytes_than_it_was_given_is_found_out() {
    for scenario in scenarios().into_iter().filter(|s| matches!(s.what, What::Replace | What::Beside)) {
        let (tree, rows) = scenario.start();
        let (world, storage) = scenario.mount(&tree, Plan { corrupts: true, ..Plan::default() });
        let journal = scenario.journal(&rows, &world);
        assert!(!scenario.run(&storage, &journal).is_ok(), "{}", scenario.name());
        let end = scenario.check_end(&storage.live(), &journal.rows(), &tree, Blame::Disk);
        assert_eq!(end, State::Abandoned, "{}", scenario.name());
        assert_eq!(storage.live().data(&scenario.original), Some(SOURCE), "{}", scenario.name());
    }
}

const OUTSIDERS: [Outside; 9] = [
    Outside::ReplacesOriginal,
    Outside::DeletesOriginal,
    Outside::AppendsToOriginal,
    Outside::ReplacesTarget,
    Outside::DeletesTarget,
    Outside::AppendsToTarget,
    Outside::AppendsToStaging,
    Outside::AppendsToQuarantined,
    Outside::DeletesQuarantined,
];

const fn original_was_hit(outside: Outside) -> bool {
    matches!(outside, Outside::ReplacesOriginal | Outside::AppendsToOriginal | Outside::DeletesOriginal)
}

const fn target_was_hit(outside: Outside) -> bool {
    matches!(outside, Outside::ReplacesTarget | Outside::AppendsToTarget | Outside::DeletesTarget)
}

/// The files that somebody else left must be there afterwards, whatever we were doing.
#[test]
fn what_somebody_else_does_in_the_middle_is_never_undone_or_lost() {
    let (mut total, mut unguarded) = (Counts::default(), 0);
    for scenario in scenarios() {
        let (tree, rows) = scenario.start();
        for call in 0..calls(&scenario) {
            for outside in OUTSIDERS {
                let plan = Plan { outside_at: Some((call, outside)), ..Plan::default() };
                let (world, storage) = scenario.mount(&tree, plan);
                let journal = scenario.journal(&rows, &world);
                let _ = scenario.run(&storage, &journal);
                let name = world.name_of(call).unwrap();
                scenario.recover(&storage, &journal).unwrap();
                scenario.check_again(&storage.live(), &journal.rows());
                let (live, rows) = (storage.live(), journal.rows());
                let context =
                    || format!("{}: {outside:?} before call {call}, {name}\n{}{rows:#?}", scenario.name(), show(&live));
                total.states += 1;

                // A removal, and a rename over a name, cannot be told to look first: the windows that are left.
                if name == "remove" || (name == "rename_replace" && scenario.mechanism == Mechanism::Link) {
                    unguarded += 1;
                    continue;
                }
                // T is our own copy of the output, and worth nothing, until an undo puts the output there.
                let ours = outside == Outside::AppendsToStaging && scenario.what != What::Undo;
                if let Some(touched) = storage.touched()
                    && !ours
                {
                    assert!(live.has(&touched), "what somebody wrote is gone: {}", context());
                }
                let source_was_hit = match outside {
                    _ if target_was_hit(outside) => {
                        scenario.original == scenario.target || scenario.what == What::RestoreBeside
                    }
                    _ => true,
                };
                if !source_was_hit && scenario.what != What::Purge {
                    assert!(live.has(SOURCE), "the original is gone: {}", context());
                }
                if name == "exchange"
                    && scenario.what == What::Replace
                    && storage.touched().is_some()
                    && original_was_hit(outside)
                {
                    let put_back = storage.touched();
                    assert_eq!(live.data(&scenario.original), put_back.as_deref(), "not put back: {}", context());
                }
                if scenario.what == What::Purge && call == 0 && target_was_hit(outside) {
                    assert!(live.has(SOURCE), "purged although the output was changed: {}", context());
                }
                if let Some(record) = scenario.record(&rows) {
                    assert!(record.state.is_final(), "{}", context());
                    let left = live.data(&record.staging).is_some();
                    assert!(!left || record.state == State::Conflict, "T is left over: {}", context());
                    if record.state == State::Done && scenario.what == What::Replace && original_was_hit(outside) {
                        let held = live.data(&record.quarantine);
                        assert_eq!(held, Some(SOURCE), "the quarantine holds another film: {}", context());
                    }
                    total.end(record.state);
                }
            }
        }
    }
    println!("{total:?}, in the windows of a removal and of a rename over a name: {unguarded}");
}

/// Somebody puts another film at O at every call, and then the machine stops at every change.
fn upgrade_and_crash(scenarios: impl Iterator<Item = Scenario>) {
    let mut total = Counts::default();
    for scenario in scenarios {
        let mut counts = Counts::default();
        for call in 0..calls(&scenario) {
            let plan = Plan { outside_at: Some((call, Outside::ReplacesOriginal)), ..Plan::default() };
            counts += scenario.explore(plan, Blame::Somebody);
        }
        println!("{:<45} {counts:?}", scenario.name());
        total += counts;
    }
    println!("{:<45} {total:?}", "all");
}

#[test]
fn an_upgrade_within_an_exchange_and_then_a_crash_lose_no_film() {
    let exchange = |s: &Scenario| s.what == What::Replace && s.mechanism == Mechanism::Exchange;
    upgrade_and_crash(scenarios().into_iter().filter(exchange).take(1));
}

#[test]
#[ignore = "long: the same for every mechanism"]
fn an_upgrade_in_the_middle_and_then_a_crash_lose_no_film() {
    // Where a rename goes over a name the window is known; a purge looks at nothing that is upgraded.
    let guarded = |s: &Scenario| s.mechanism != Mechanism::Link && s.what != What::Purge;
    upgrade_and_crash(scenarios().into_iter().filter(guarded));
}

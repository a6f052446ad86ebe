//! Replacing on a simulated disk that loses every change that was not synced, in every order.

mod support;

use mediaflow_core::replace::{Mechanism, State};
use mediaflow_transport::storage::ErrorClass;
use support::explore::{Blame, Counts, Scenario, What, scenarios, show};
use support::films::{OUTPUT, SOURCE};
use support::sim::FOREIGN;
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
        for call in 0..calls(&scenario) {
            for fault in FAULTS {
                let (tree, rows) = scenario.start();
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
                let end = scenario.check_end(&storage.live(), &journal.rows(), Blame::Disk);
                scenario.check_again(&storage.live(), &journal.rows());
                let durability = name.starts_with("sync") || name == "close";
                assert!(end != State::Conflict || durability, "{context}: a conflict\n{:#?}", journal.rows());
                assert!(!answer.is_ok() || end == State::Done, "{context}: success was reported");
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

const OUTSIDERS: [Outside; 7] = [
    Outside::ReplacesOriginal,
    Outside::DeletesOriginal,
    Outside::AppendsToOriginal,
    Outside::ReplacesTarget,
    Outside::DeletesTarget,
    Outside::AppendsToTarget,
    Outside::DeletesQuarantined,
];

/// The files that somebody else left must be there afterwards, whatever we were doing.
#[test]
fn what_somebody_else_does_in_the_middle_is_never_undone_or_lost() {
    let (mut total, mut unguarded) = (Counts::default(), 0);
    for scenario in scenarios() {
        for call in 0..calls(&scenario) {
            for outside in OUTSIDERS {
                let (tree, rows) = scenario.start();
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

                // A rename over a name cannot be told to look first: the one window that linking leaves.
                if name == "rename_replace" && scenario.mechanism == Mechanism::Link {
                    unguarded += 1;
                    continue;
                }
                let appended = [SOURCE, b"!"].concat();
                let changed_output = [OUTPUT, b"!"].concat();
                let source_was_hit = match outside {
                    Outside::DeletesOriginal | Outside::ReplacesOriginal | Outside::AppendsToOriginal => true,
                    Outside::ReplacesTarget | Outside::DeletesTarget | Outside::AppendsToTarget => {
                        scenario.original == scenario.target || scenario.what == What::RestoreBeside
                    }
                    Outside::DeletesQuarantined => true,
                };
                if !source_was_hit && scenario.what != What::Purge {
                    assert!(live.has(SOURCE) || live.has(&appended), "the original is gone: {}", context());
                }
                if matches!(outside, Outside::ReplacesOriginal | Outside::ReplacesTarget) {
                    assert!(live.has(FOREIGN), "somebody's film is gone: {}", context());
                }
                if matches!(outside, Outside::AppendsToOriginal | Outside::AppendsToTarget) {
                    let touched = live.has(&appended) || live.has(&changed_output);
                    let there_was_one =
                        tree.data(&scenario.original).is_some() || !matches!(outside, Outside::AppendsToOriginal);
                    let whole = live.has(SOURCE) || live.has(OUTPUT);
                    assert!(touched || !there_was_one || whole, "what was changed is gone: {}", context());
                }
                if let Some(record) = scenario.record(&rows) {
                    assert!(record.state.is_final(), "{}", context());
                    let left = live.data(&record.staging).is_some();
                    assert!(!left || record.state == State::Conflict, "T is left over: {}", context());
                    total.end(record.state);
                }
            }
        }
    }
    println!("{total:?}, in the window of a rename over a name: {unguarded}");
}

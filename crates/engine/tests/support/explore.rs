//! Walking every state that a crash can leave, to the end and in all orders of loss.

use std::collections::HashSet;

use mediaflow_core::identity::Hash;
use mediaflow_core::replace::State;

use super::films::SOURCE;
use super::journal::Rows;
use super::scenario::{Blame, Scenario, show};
use super::sim::{FOREIGN, SimStorage};
use super::tree::Tree;
use super::world::Plan;

#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Moments at which the machine stopped.
    pub crashes: usize,
    /// Ways in which pending changes were lost at those moments.
    pub losses: usize,
    /// Different pairs of disk and journal that were left.
    pub states: usize,
    pub done: usize,
    pub abandoned: usize,
    pub conflicts: usize,
}

impl Counts {
    pub fn end(&mut self, state: State) {
        match state {
            State::Done => self.done += 1,
            State::Conflict => self.conflicts += 1,
            _ => self.abandoned += 1,
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.crashes += other.crashes;
        self.losses += other.losses;
        self.states += other.states;
        self.done += other.done;
        self.abandoned += other.abandoned;
        self.conflicts += other.conflicts;
    }
}

/// What is known already, and what is still to be looked at.
#[derive(Default)]
pub struct Frontier {
    seen: HashSet<Hash>,
    waiting: Vec<(Tree, Rows)>,
}

impl Frontier {
    /// Adds what a crash of this machine may leave; returns in how many ways.
    pub fn add(&mut self, storage: &SimStorage, rows: &Rows) -> usize {
        let (trees, ways) = storage.after_crash();
        for tree in trees {
            let key = Hash::of_bytes(format!("{:?}{rows:?}", tree.shape()).as_bytes());
            if self.seen.insert(key) {
                self.waiting.push((tree, rows.clone()));
            }
        }
        ways
    }
}

impl Scenario {
    /// Stops the machine at every change, loses every subset of what was pending, and does the same to every
    /// recovery, until no new state comes up.
    pub fn explore(&self, plan: Plan, blame: Blame) -> Counts {
        let mut counts = Counts::default();
        let mut frontier = Frontier::default();
        let (before, rows) = self.start();
        for crash_at in 0.. {
            let (world, storage) = self.mount(&before, Plan { crash_at: Some(crash_at), ..plan });
            let journal = self.journal(&rows, &world);
            let answer = self.run(&storage, &journal);
            counts.losses += frontier.add(&storage, &journal.rows());
            if !world.is_dead() {
                assert!(answer.is_ok() || blame != Blame::Nobody, "{}: failed without a reason", self.name());
                break;
            }
            counts.crashes += 1;
        }
        while let Some((tree, rows)) = frontier.waiting.pop() {
            counts.states += 1;
            if blame == Blame::Somebody {
                assert!(tree.has(SOURCE) || tree.has(FOREIGN), "{}\n{}{rows:#?}", self.name(), show(&tree));
            } else {
                self.check_instant(&tree, &rows);
            }
            for crash_at in 0.. {
                let (world, storage) = self.mount(&tree, Plan { crash_at: Some(crash_at), ..Plan::default() });
                let journal = self.journal(&rows, &world);
                let recovered = self.recover(&storage, &journal);
                counts.losses += frontier.add(&storage, &journal.rows());
                if world.is_dead() {
                    counts.crashes += 1;
                    continue;
                }
                recovered.unwrap_or_else(|error| panic!("{}: {error}\n{}", self.name(), show(&tree)));
                if blame == Blame::Somebody {
                    break;
                }
                counts.end(self.check_end(&storage.live(), &journal.rows(), &before, blame));
                self.check_again(&storage.live(), &journal.rows());
                break;
            }
        }
        counts
    }

    /// A second recovery finds nothing to do.
    pub fn check_again(&self, tree: &Tree, rows: &Rows) {
        let (world, storage) = self.mount(tree, Plan::default());
        let journal = self.journal(rows, &world);
        self.recover(&storage, &journal).unwrap();
        assert_eq!(journal.rows(), *rows, "{}: a second recovery changed the journal", self.name());
        assert_eq!(storage.live(), *tree, "{}: a second recovery changed files", self.name());
    }
}

//! What goes wrong, and when. Storage and journal of one simulated machine share one world.

use std::sync::{Arc, Mutex};

use mediaflow_transport::storage::ErrorClass;

/// Something that goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done and this is reported.
    Fails(ErrorClass),
    /// It is done, and then this is reported: an answer that was lost on the way and a request sent again.
    SucceedsButReports(ErrorClass),
}

/// What somebody else does to the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// Puts another film at O by a rename, as a download manager does with an upgrade.
    ReplacesOriginal,
    DeletesOriginal,
    /// Writes into the original in place.
    AppendsToOriginal,
    ReplacesTarget,
    DeletesTarget,
    AppendsToTarget,
    AppendsToStaging,
    AppendsToQuarantined,
    DeletesQuarantined,
}

#[derive(Debug, Default)]
struct State {
    calls: usize,
    changes: usize,
    dead: bool,
    names: Vec<&'static str>,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Plan {
    /// The machine stops before the change (of a file or of the journal) with this number.
    pub crash_at: Option<usize>,
    /// The call with this number fails.
    pub fault_at: Option<(usize, Fault)>,
    /// Somebody does this before the call with this number.
    pub outside_at: Option<(usize, Outside)>,
    /// The disk keeps other bytes than it was given, and says nothing.
    pub corrupts: bool,
}

#[derive(Debug, Default)]
pub struct World {
    plan: Plan,
    state: Mutex<State>,
}

/// What a call must do.
pub enum Fate {
    Go,
    Dead,
    Fault(Fault),
}

impl World {
    pub fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self { plan, state: Mutex::default() })
    }

    /// Counts a call to the storage, and says whether somebody comes in between.
    pub fn outside(&self) -> Option<Outside> {
        let state = self.state.lock().unwrap();
        let (at, what) = self.plan.outside_at?;
        (at == state.calls && !state.dead).then_some(what)
    }

    /// Counts a call and tells its fate. Only changes can be where a crash is told from the one before.
    pub fn call(&self, name: &'static str, changes: bool) -> Fate {
        let mut state = self.state.lock().unwrap();
        if changes {
            state.dead |= self.plan.crash_at == Some(state.changes);
            state.changes += 1;
        }
        if state.dead {
            return Fate::Dead;
        }
        let call = state.calls;
        state.calls += 1;
        state.names.push(name);
        match self.plan.fault_at {
            Some((at, fault)) if at == call => Fate::Fault(fault),
            _ => Fate::Go,
        }
    }

    pub fn corrupts(&self) -> bool {
        self.plan.corrupts
    }

    /// A commit of the journal; `false` when the machine is dead.
    pub fn commit(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.dead |= self.plan.crash_at == Some(state.changes);
        state.changes += 1;
        !state.dead
    }

    pub fn is_dead(&self) -> bool {
        self.state.lock().unwrap().dead
    }

    /// How many calls the storage got.
    pub fn calls(&self) -> usize {
        self.state.lock().unwrap().calls
    }

    /// What the call with this number was.
    pub fn name_of(&self, call: usize) -> Option<&'static str> {
        self.state.lock().unwrap().names.get(call).copied()
    }
}

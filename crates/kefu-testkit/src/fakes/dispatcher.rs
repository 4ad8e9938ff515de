use kefu_core::Agent;
use kefu_core::SlaTargets;
use kefu_core::ports::{Case, Dispatcher, Placement, Wait};

/// Leaves every hand-over where triage proposes, without clocks.
#[derive(Clone, Copy, Debug)]
pub struct PlainDispatcher;

impl Dispatcher for PlainDispatcher {
    fn place(&self, case: &Case<'_>, _agents: &[Agent]) -> Placement {
        Placement {
            queue: case.escalation.queue.clone(),
            priority: case.escalation.priority,
            assignee: None,
            targets: SlaTargets::default(),
            wait: Wait::Short,
        }
    }
}

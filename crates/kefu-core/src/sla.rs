//! The clocks of a ticket: by when somebody should have answered, by when it should be solved.
//!
//! All marks are stored points in time, counted in working hours when the ticket was opened, so a
//! state follows from the ticket and the present time alone and survives any restart.

/// One clock's marks, milliseconds since the epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlaTarget {
    /// From here on it is late soon.
    pub warn_ms: i64,
    /// From here on it is late.
    pub due_ms: i64,
}

/// The clocks of one ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketSla {
    /// The first words of a person.
    pub first_response: Option<SlaTarget>,
    /// The end.
    pub resolution: Option<SlaTarget>,
    /// When a person first answered, milliseconds since the epoch, UTC.
    pub first_responded_ms: Option<i64>,
    /// When it was resolved, milliseconds since the epoch, UTC.
    pub resolved_ms: Option<i64>,
    /// The next mark nobody was told of yet; `None` when no clock runs any more.
    pub alarm_at_ms: Option<i64>,
}

/// How a ticket stands against its clocks; later variants are worse, `None` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlaState {
    /// It has no clocks.
    None,
    /// All clocks were stopped in time.
    Met,
    /// A clock runs and there is time.
    Ok,
    /// A clock runs and is late soon.
    Warning,
    /// A clock was or is late.
    Breached,
}

impl SlaState {
    /// The word used on the wire and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Met => "met",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Breached => "breached",
        }
    }
}

impl SlaTarget {
    fn state(self, stopped_ms: Option<i64>, now_ms: i64) -> SlaState {
        match stopped_ms {
            Some(stopped_ms) if stopped_ms < self.due_ms => SlaState::Met,
            Some(_) => SlaState::Breached,
            None if now_ms >= self.due_ms => SlaState::Breached,
            None if now_ms >= self.warn_ms => SlaState::Warning,
            None => SlaState::Ok,
        }
    }
}

impl TicketSla {
    /// The worse of both clocks' states. A resolved ticket's first response counts as given.
    #[must_use]
    pub fn state(&self, now_ms: i64) -> SlaState {
        let responded = self.first_responded_ms.or(self.resolved_ms);
        let first = self.first_response.map(|target| target.state(responded, now_ms));
        let last = self.resolution.map(|target| target.state(self.resolved_ms, now_ms));
        first.max(last).unwrap_or(SlaState::None)
    }

    /// The worst that the marks from `from_ms` to `to_ms` said: [`SlaState::Breached`] where a clock
    /// ran out, [`SlaState::Warning`] where one that still runs is late soon. Each clock speaks for
    /// itself, so that a late reply does not silence the clock of the solution.
    #[must_use]
    pub fn passed(&self, from_ms: i64, to_ms: i64) -> Option<SlaState> {
        let responded = self.first_responded_ms.or(self.resolved_ms);
        let is_passed = |mark_ms: i64| (from_ms..=to_ms).contains(&mark_ms);
        let said = |(target, stopped_ms): (SlaTarget, Option<i64>)| match stopped_ms {
            stopped if is_passed(target.due_ms) && stopped.is_none_or(|s| s >= target.due_ms) => {
                Some(SlaState::Breached)
            }
            None if is_passed(target.warn_ms) => Some(SlaState::Warning),
            _ => None,
        };
        let first = self.first_response.and_then(|target| said((target, responded)));
        let last = self.resolution.and_then(|target| said((target, self.resolved_ms)));
        first.max(last)
    }

    /// The first mark after `now_ms` of a clock that runs.
    #[must_use]
    pub fn next_mark(&self, now_ms: i64) -> Option<i64> {
        if self.resolved_ms.is_some() {
            return None;
        }
        let first = self.first_response.filter(|_| self.first_responded_ms.is_none());
        let running = first.into_iter().chain(self.resolution);
        running.flat_map(|target| [target.warn_ms, target.due_ms]).filter(|at| *at > now_ms).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: SlaTarget = SlaTarget { warn_ms: 80, due_ms: 100 };
    const LAST: SlaTarget = SlaTarget { warn_ms: 800, due_ms: 1000 };

    #[test]
    fn each_clock_speaks_for_itself() {
        let late = TicketSla { first_responded_ms: Some(150), ..both() };
        for (sla, from, to, said) in [
            (both(), 80, 80, Some(SlaState::Warning)),
            (both(), 80, 100, Some(SlaState::Breached)),
            (both(), 101, 799, None),
            (late, 100, 150, Some(SlaState::Breached)),
            (late, 800, 900, Some(SlaState::Warning)),
            (late, 1000, 1000, Some(SlaState::Breached)),
            (TicketSla { first_responded_ms: Some(90), ..both() }, 80, 100, None),
            (TicketSla { resolved_ms: Some(1200), ..late }, 1000, 1200, Some(SlaState::Breached)),
            (TicketSla { resolved_ms: Some(900), ..late }, 800, 1200, None),
        ] {
            assert_eq!(sla.passed(from, to), said, "{sla:?} from {from} to {to}");
        }
    }

    fn both() -> TicketSla {
        TicketSla { first_response: Some(FIRST), resolution: Some(LAST), ..TicketSla::default() }
    }

    #[test]
    fn the_worse_clock_counts() {
        let open = both();
        for (at, state) in [
            (0, SlaState::Ok),
            (79, SlaState::Ok),
            (80, SlaState::Warning),
            (99, SlaState::Warning),
            (100, SlaState::Breached),
        ] {
            assert_eq!(open.state(at), state, "{at}");
        }
        let answered = TicketSla { first_responded_ms: Some(99), ..open };
        assert_eq!(answered.state(500), SlaState::Ok);
        assert_eq!(answered.state(800), SlaState::Warning);
        let solved = TicketSla { resolved_ms: Some(900), ..answered };
        assert_eq!(solved.state(5_000), SlaState::Met);
        let late = TicketSla { first_responded_ms: Some(100), ..solved };
        assert_eq!(late.state(5_000), SlaState::Breached);
        assert_eq!(TicketSla::default().state(5_000), SlaState::None);
    }

    #[test]
    fn marks_come_in_order_while_their_clock_runs() {
        let marks = |sla: TicketSla| {
            let mut now = 0;
            let mut seen = Vec::new();
            while let Some(next) = sla.next_mark(now) {
                seen.push(next);
                now = next;
            }
            seen
        };
        assert_eq!(marks(both()), [80, 100, 800, 1000]);
        assert_eq!(marks(TicketSla { first_responded_ms: Some(5), ..both() }), [800, 1000]);
        assert_eq!(marks(TicketSla { resolved_ms: Some(5), ..both() }), [0_i64; 0]);
    }
}

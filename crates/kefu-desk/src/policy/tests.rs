#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use kefu_core::ports::{Case, Dispatcher, Placement, Wait};
use kefu_core::{Escalation, TicketSignals};
use proptest::prelude::*;

use super::*;
use crate::hours::{Holidays, Zone};

const NOW: i64 = 1_795_600_000_000;
const MINUTE: i64 = 60_000;

fn hours(week: &[&str]) -> WorkingHours {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    WorkingHours::parse(week.iter().copied(), zone, Holidays::default()).unwrap()
}

fn queue(name: &str) -> Queue {
    Queue {
        name: name.to_owned(),
        skills: Vec::new(),
        languages: Vec::new(),
        hours: hours(&[]),
        first_response_ms: Some(10 * MINUTE),
        resolution_ms: None,
    }
}

fn policy(queues: Vec<Queue>, routes: Vec<Route>) -> Policy {
    Policy {
        queues,
        elsewhere: queue(""),
        routes,
        assign: Assign::Manual,
        warning_share: 0.8,
        presence_timeout_ms: MINUTE,
        reassign_after_ms: 5 * MINUTE,
    }
}

/// No queues and routes, clocks of ten minutes for the first response, agents who lapse after one
/// minute and lose tickets after five.
pub(crate) fn plain() -> Policy {
    policy(Vec::new(), Vec::new())
}

/// As [`plain`], with a queue.
pub(crate) fn with_queue(name: &str) -> Policy {
    policy(vec![queue(name)], Vec::new())
}

fn agent(name: &str, n_open: u32) -> Agent {
    Agent {
        name: name.to_owned(),
        presence: Presence::Online,
        queues: Vec::new(),
        languages: Vec::new(),
        skills: Vec::new(),
        capacity: 3,
        since_ms: NOW,
        seen_at_ms: NOW,
        n_open,
    }
}

fn escalation(reason: EscalationReason, queue: &str, priority: Priority) -> Escalation {
    Escalation { reason, queue: queue.to_owned(), priority, rule: "test" }
}

fn place(policy: &Policy, escalation: &Escalation, agents: &[Agent]) -> Placement {
    place_for(policy, escalation, (None, Language::CHINESE), agents)
}

fn place_for(
    policy: &Policy,
    escalation: &Escalation,
    (tier, language): (Option<&str>, Language),
    agents: &[Agent],
) -> Placement {
    let signals =
        TicketSignals { intent: Some("refund_status".to_owned()), ..TicketSignals::default() };
    let case = Case { escalation, signals: &signals, language, channel: "web", tier, now_ms: NOW };
    policy.place(&case, agents)
}

fn to(queue: &str, when: Conditions) -> Route {
    Route { when, queue: Some(queue.to_owned()), priority: None }
}

#[test]
fn the_first_route_that_holds_decides() {
    let gold = Conditions { tiers: vec!["gold".to_owned()], ..Conditions::default() };
    let chinese = Conditions { languages: vec![Language::CHINESE], ..Conditions::default() };
    let refunds = Conditions { intents: vec!["refund_status".to_owned()], ..Conditions::default() };
    let routes = vec![
        Route { priority: Some(Priority::High), ..to("vip", gold) },
        to("zh", chinese),
        to("refunds", refunds),
    ];
    let policy = policy(Vec::new(), routes);
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    let placed = |tier, language| {
        let placed = place_for(&policy, &wish, (tier, language), &[]);
        (placed.queue, placed.priority)
    };
    assert_eq!(placed(Some("gold"), Language::CHINESE), ("vip".to_owned(), Priority::High));
    assert_eq!(placed(Some("tin"), Language::CHINESE), ("zh".to_owned(), Priority::Normal));
    assert_eq!(placed(None, Language::ENGLISH), ("refunds".to_owned(), Priority::Normal));
}

#[test]
fn without_a_route_triage_decides_and_urgency_is_never_lowered() {
    let low = Route { priority: Some(Priority::Low), ..Route::default() };
    let policy = policy(Vec::new(), vec![low]);
    let complaint = escalation(EscalationReason::Complaint, "complaints", Priority::High);
    let placed = place(&policy, &complaint, &[]);
    assert_eq!((placed.queue.as_str(), placed.priority), ("complaints", Priority::High));
    let theft = escalation(EscalationReason::MoneySafety, "safety", Priority::Normal);
    assert_eq!(place(&policy, &theft, &[]).priority, Priority::Urgent);
}

#[test]
fn routes_ask_for_hours_and_people() {
    // NOW is a Wednesday at 17:46 in Shanghai.
    let day = Queue { hours: hours(&["mon-fri 09:00-17:00"]), ..queue("day") };
    let night = Queue { hours: hours(&["daily 17:00-09:00"]), ..queue("night") };
    let open = Conditions { open: Some(true), ..Conditions::default() };
    let staffed = Conditions { staffed: Some(true), ..Conditions::default() };
    let english = Queue { languages: vec![Language::ENGLISH], ..queue("english") };
    let routes = vec![
        to("english", Conditions::default()),
        to("day", open.clone()),
        to("night", staffed),
        to("night-mail", open),
    ];
    let policy = policy(vec![day, night, english], routes);
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    assert_eq!(place(&policy, &wish, &[agent("mei", 2)]).queue, "night");
    assert_eq!(place(&policy, &wish, &[agent("mei", 3)]).queue, "night-mail", "she has no room");
    let asked = (None, Language::ENGLISH);
    assert_eq!(place_for(&policy, &wish, asked, &[]).queue, "english");
}

#[test]
fn outside_of_hours_the_customer_learns_when_it_opens() {
    let day = Queue { hours: hours(&["mon-fri 09:00-17:00"]), ..queue("support") };
    let policy = policy(vec![day], Vec::new());
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    let Wait::Closed(Some(call_back)) = place(&policy, &wish, &[agent("mei", 0)]).wait else {
        unreachable!("it is closed")
    };
    let opens = jiff::Timestamp::from_millisecond(call_back.at_ms).unwrap();
    assert_eq!(opens.to_string(), "2026-11-26T01:00:00Z");
    assert_eq!(call_back.time_zone, "Asia/Shanghai");
    let targets = policy.targets("support", NOW);
    assert_eq!(targets.first_response.unwrap().due_ms, call_back.at_ms + 10 * MINUTE);
    assert_eq!(targets.first_response.unwrap().warn_ms, call_back.at_ms + 8 * MINUTE);
    assert_eq!(targets.resolution, None);
}

#[test]
fn whoever_has_it_at_once_is_there_outside_of_hours_too() {
    let day = Queue { hours: hours(&["mon-fri 09:00-17:00"]), ..queue("support") };
    let policy = Policy { assign: Assign::LeastBusy, ..policy(vec![day], Vec::new()) };
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    let placed = place(&policy, &wish, &[agent("mei", 0)]);
    assert_eq!((placed.assignee.as_deref(), placed.wait), (Some("mei"), Wait::Short));
    let placed = place(&policy, &wish, &[agent("mei", 3)]);
    assert_eq!(placed.assignee, None, "she has no room");
    assert!(matches!(placed.wait, Wait::Closed(Some(_))));
}

#[test]
fn nobody_there_is_told_only_where_presence_is_known() {
    let policy = policy(Vec::new(), Vec::new());
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    assert_eq!(place(&policy, &wish, &[]).wait, Wait::Short);
    assert_eq!(place(&policy, &wish, &[agent("mei", 9)]).wait, Wait::Short, "busy, but there");
    let gone = Agent { seen_at_ms: NOW - MINUTE, ..agent("mei", 0) };
    let english = Agent { languages: vec![Language::ENGLISH], ..agent("tom", 0) };
    let elsewhere = Agent { queues: vec!["billing".to_owned()], ..agent("lin", 0) };
    let Wait::Unstaffed(Some(call_back)) = place(&policy, &wish, &[gone, english, elsewhere]).wait
    else {
        unreachable!("nobody can take it")
    };
    assert_eq!(call_back.at_ms, NOW + 10 * MINUTE);
}

#[test]
fn the_least_busy_who_can_is_given_it() {
    let expert = Queue { skills: vec!["refunds".to_owned()], ..queue("refunds") };
    let policy = Policy { assign: Assign::LeastBusy, ..policy(vec![expert], Vec::new()) };
    let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
    let agents = [agent("tom", 1), agent("mei", 1), agent("lin", 2)];
    assert_eq!(place(&policy, &wish, &agents).assignee.as_deref(), Some("mei"));
    let away = Agent { presence: Presence::Away, ..agent("ann", 0) };
    let roomy = Agent { capacity: 9, ..agent("tom", 1) };
    let agents = [away, agent("mei", 1), roomy];
    assert_eq!(place(&policy, &wish, &agents).assignee.as_deref(), Some("tom"));
    let refund = escalation(EscalationReason::Complaint, "refunds", Priority::High);
    assert_eq!(place(&policy, &refund, &agents).assignee, None);
    let able = Agent { skills: vec!["refunds".to_owned()], ..agent("zoe", 2) };
    assert_eq!(place(&policy, &refund, &[agent("mei", 0), able]).assignee.as_deref(), Some("zoe"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_is_given_a_ticket_can_take_it_and_nobody_who_can_has_fewer(
        loads in prop::collection::vec((0_u32..5, 0_u32..5, 0_i64..120_000, 0_usize..3), 0..8),
    ) {
        let policy = Policy { assign: Assign::LeastBusy, ..policy(Vec::new(), Vec::new()) };
        let agents: Vec<Agent> = loads.iter().enumerate().map(|(n, (n_open, capacity, ago, presence))| Agent {
            capacity: *capacity,
            seen_at_ms: NOW - ago,
            presence: Presence::ALL[*presence],
            ..agent(&format!("agent {n}"), *n_open)
        }).collect();
        let wish = escalation(EscalationReason::HumanRequested, "support", Priority::Normal);
        let assignee = place(&policy, &wish, &agents).assignee;
        let fits = |agent: &&Agent| agent.n_open < agent.capacity
            && agent.presence == Presence::Online
            && NOW - agent.seen_at_ms < MINUTE;
        let fewest = agents.iter().filter(fits).map(|agent| agent.n_open).min();
        let given = assignee.map(|name| agents.iter().find(|agent| agent.name == name).unwrap());
        prop_assert!(given.as_ref().is_none_or(fits));
        prop_assert_eq!(given.map(|agent| agent.n_open), fewest);
        let mut shuffled = agents.clone();
        shuffled.reverse();
        let again = place(&policy, &wish, &shuffled).assignee;
        prop_assert_eq!(again.as_ref(), given.map(|agent| &agent.name));
    }
}

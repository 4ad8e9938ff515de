//! The section `[desk]`: read, checked and made into the desk's policy.

use kefu_core::{EscalationReason, Language, Priority, ProblemKind};
use kefu_desk::{
    Assign, Conditions, Holidays, HoursError, Policy, Queue, Route, TRIAGE_QUEUES, WorkingHours,
    Zone,
};
use serde::Deserialize;
use toml::{Table, Value};

use super::languages::{is_code, meant_by};
use super::layers::hint;
use super::settings::TeachWord;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeskSection {
    pub(crate) escalate_after_failures: u32,
    pub(crate) intents: String,
    pub(crate) teach: TeachWord,
    pub(crate) forbidden_words: Vec<String>,
    pub(crate) time_zone: String,
    pub(crate) hours: Vec<String>,
    pub(crate) holidays: Vec<String>,
    pub(crate) first_response_minutes: f64,
    pub(crate) resolution_minutes: f64,
    pub(crate) sla_warning_share: f64,
    pub(crate) assign: AssignMode,
    pub(crate) presence_timeout_s: f64,
    pub(crate) reassign_after_minutes: f64,
    pub(crate) max_streams: usize,
    pub(crate) queues: Vec<QueueTable>,
    pub(crate) routes: Vec<RouteTable>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssignMode {
    Manual,
    LeastBusy,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueTable {
    name: String,
    #[serde(default)]
    skills: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    hours: Option<Vec<String>>,
    first_response_minutes: Option<f64>,
    resolution_minutes: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteTable {
    queue: Option<String>,
    priority: Option<String>,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    queues: Vec<String>,
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    intents: Vec<String>,
    #[serde(default)]
    tiers: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    channels: Vec<String>,
    min_priority: Option<String>,
    open: Option<bool>,
    staffed: Option<bool>,
}

const QUEUE_KEYS: [&str; 6] =
    ["name", "skills", "languages", "hours", "first_response_minutes", "resolution_minutes"];
const ROUTE_KEYS: [&str; 12] = [
    "queue",
    "priority",
    "reasons",
    "queues",
    "problems",
    "intents",
    "tiers",
    "languages",
    "channels",
    "min_priority",
    "open",
    "staffed",
];
const MAX_TABLES: usize = 200;
/// Ten years; longer clocks are a mistake.
const MAX_MINUTES: f64 = 5_256_000.0;

/// Refuses unknown keys of queues and routes with the nearest known one.
pub(super) fn check_keys(table: &Table) -> Result<(), String> {
    let section = table.get("desk").and_then(Value::as_table);
    for (list, known) in [("queues", &QUEUE_KEYS[..]), ("routes", &ROUTE_KEYS[..])] {
        let entries = section.and_then(|section| section.get(list)).and_then(Value::as_array);
        let known: Vec<String> = known.iter().map(|key| (*key).to_owned()).collect();
        for (idx, entry) in entries.into_iter().flatten().enumerate() {
            let Some(entry) = entry.as_table() else {
                return Err(format!("desk.{list} must be tables: write [[desk.{list}]]"));
            };
            if let Some(key) = entry.keys().find(|key| !known.contains(key)) {
                let hint = hint(key, &known);
                return Err(format!("unknown key desk.{list}[{idx}].{key}{hint}"));
            }
        }
    }
    Ok(())
}

impl DeskSection {
    /// The policy that the section describes.
    ///
    /// # Errors
    /// What is wrong, with its key.
    pub(crate) fn policy(&self) -> Result<Policy, String> {
        self.check_numbers()?;
        let zone = self.zone()?;
        let holidays = Holidays::parse(self.holidays.iter().map(String::as_str))
            .map_err(|error| format!("desk.holidays: {error}"))?;
        let hours = |key: &str, entries: &[String]| {
            WorkingHours::parse(entries.iter().map(String::as_str), zone.clone(), holidays.clone())
                .map_err(|error: HoursError| format!("{key}: {error}"))
        };
        let elsewhere = Queue {
            name: String::new(),
            skills: Vec::new(),
            languages: Vec::new(),
            hours: hours("desk.hours", &self.hours)?,
            first_response_ms: clock_ms(
                "desk.first_response_minutes",
                self.first_response_minutes,
            )?,
            resolution_ms: clock_ms("desk.resolution_minutes", self.resolution_minutes)?,
        };
        let mut queues: Vec<Queue> = Vec::new();
        for (idx, table) in self.queues.iter().enumerate() {
            let at = |key: &str| format!("desk.queues[{idx}].{key}");
            let name = table.name.trim();
            if name.is_empty() || name.len() > 200 || queues.iter().any(|queue| queue.name == name)
            {
                return Err(format!("{} must be a name of its own", at("name")));
            }
            queues.push(Queue {
                name: name.to_owned(),
                skills: table.skills.clone(),
                languages: languages(&at("languages"), &table.languages)?,
                hours: match &table.hours {
                    Some(entries) => hours(&at("hours"), entries)?,
                    None => elsewhere.hours.clone(),
                },
                first_response_ms: match table.first_response_minutes {
                    Some(minutes) => clock_ms(&at("first_response_minutes"), minutes)?,
                    None => elsewhere.first_response_ms,
                },
                resolution_ms: match table.resolution_minutes {
                    Some(minutes) => clock_ms(&at("resolution_minutes"), minutes)?,
                    None => elsewhere.resolution_ms,
                },
            });
        }
        let known: Vec<String> = queues.iter().map(|queue| queue.name.clone()).collect();
        let routes = self.routes.iter().enumerate();
        let routes =
            routes.map(|(idx, table)| table.route(idx, &known)).collect::<Result<_, _>>()?;
        Ok(Policy {
            queues,
            elsewhere,
            routes,
            assign: match self.assign {
                AssignMode::Manual => Assign::Manual,
                AssignMode::LeastBusy => Assign::LeastBusy,
            },
            warning_share: self.sla_warning_share,
            presence_timeout_ms: (self.presence_timeout_s * 1_000.0) as i64,
            reassign_after_ms: (self.reassign_after_minutes * 60_000.0) as i64,
        })
    }

    /// Checks that routes ask for these intents only; `None` when none are told at all.
    ///
    /// # Errors
    /// The first that is not known, with what may be meant.
    pub(crate) fn check_intents(&self, known: Option<&[String]>) -> Result<(), String> {
        for (idx, route) in self.routes.iter().enumerate() {
            let unknown = |name: &&String| known.is_none_or(|known| !known.contains(name));
            let Some(name) = route.intents.iter().find(unknown) else { continue };
            return Err(match known {
                Some(known) => format!(
                    "desk.routes[{idx}].intents: desk.intents tells no intent {name}{}",
                    hint(name, known)
                ),
                None => format!(
                    "desk.routes[{idx}].intents: {name} is never told, because desk.intents is \
                     \"none\""
                ),
            });
        }
        Ok(())
    }

    /// Whether any route asks for intents.
    pub(crate) fn routes_by_intent(&self) -> bool {
        self.routes.iter().any(|route| !route.intents.is_empty())
    }

    /// Whether any route asks for a tier.
    pub(crate) fn routes_by_tier(&self) -> bool {
        self.routes.iter().any(|route| !route.tiers.is_empty())
    }

    fn check_numbers(&self) -> Result<(), String> {
        let rules = [
            (
                (0.0..=1.0).contains(&self.sla_warning_share),
                "desk.sla_warning_share must lie between 0 and 1",
            ),
            (
                (0.1..=86_400.0).contains(&self.presence_timeout_s),
                "desk.presence_timeout_s must be 0.1 to 86400",
            ),
            (
                (0.0..=MAX_MINUTES).contains(&self.reassign_after_minutes),
                "desk.reassign_after_minutes must be 0 to 5256000",
            ),
            ((1..=100_000).contains(&self.max_streams), "desk.max_streams must be 1 to 100000"),
            (
                self.queues.len() <= MAX_TABLES && self.routes.len() <= MAX_TABLES,
                "desk.queues and desk.routes may have at most 200 entries each",
            ),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, message)) => Err((*message).to_owned()),
            None => Ok(()),
        }
    }

    fn zone(&self) -> Result<Zone, String> {
        Zone::named(&self.time_zone).map_err(|error| {
            let hint = hint(&self.time_zone, &Zone::names());
            let meant = if hint.contains("did you mean") { hint } else { String::new() };
            format!("desk.time_zone: {error}{meant}")
        })
    }
}

impl RouteTable {
    fn route(&self, idx: usize, listed: &[String]) -> Result<Route, String> {
        let at = |key: &str| format!("desk.routes[{idx}].{key}");
        let mut queues: Vec<String> = TRIAGE_QUEUES.iter().map(|name| (*name).to_owned()).collect();
        if let Some(unknown) = self.queues.iter().find(|name| !queues.contains(name)) {
            let hint = hint(unknown, &queues);
            return Err(format!("{}: triage proposes no queue {unknown}{hint}", at("queues")));
        }
        queues.extend(listed.iter().cloned());
        if let Some(unknown) = self.queue.as_ref().filter(|name| !queues.contains(name)) {
            let hint = hint(unknown, &queues);
            return Err(format!("{}: there is no [[desk.queues]] {unknown}{hint}", at("queue")));
        }
        let priority = |key: &str, word: &Option<String>| {
            word.as_deref()
                .map(|word| one_of(&at(key), word, &Priority::ALL, Priority::as_str))
                .transpose()
        };
        for word in &self.problems {
            one_of(&at("problems"), word, &ProblemKind::ALL, ProblemKind::as_str)?;
        }
        let reasons = self.reasons.iter().map(|word| {
            one_of(&at("reasons"), word, &EscalationReason::ALL, EscalationReason::as_str)
        });
        Ok(Route {
            when: Conditions {
                reasons: reasons.collect::<Result<_, _>>()?,
                queues: self.queues.clone(),
                problems: self.problems.clone(),
                intents: self.intents.clone(),
                tiers: self.tiers.clone(),
                languages: languages(&at("languages"), &self.languages)?,
                channels: self.channels.clone(),
                priority: priority("min_priority", &self.min_priority)?,
                open: self.open,
                staffed: self.staffed,
            },
            queue: self.queue.clone(),
            priority: priority("priority", &self.priority)?,
        })
    }
}

/// The value with this word, or an error that names the nearest.
fn one_of<T: Copy>(
    key: &str,
    word: &str,
    all: &[T],
    word_of: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    all.iter().copied().find(|value| word_of(*value) == word).ok_or_else(|| {
        let known: Vec<String> = all.iter().map(|value| word_of(*value).to_owned()).collect();
        format!("{key}: unknown word {word}{}", hint(word, &known))
    })
}

fn languages(key: &str, codes: &[String]) -> Result<Vec<Language>, String> {
    let read = |code: &String| {
        let language = Language::from_code(code);
        let known = language.filter(|language| is_code(language.code()));
        known.ok_or_else(|| format!("{key}: {code} is no language code{}", meant_by(code)))
    };
    codes.iter().map(read).collect()
}

fn clock_ms(key: &str, minutes: f64) -> Result<Option<i64>, String> {
    if !(0.0..=MAX_MINUTES).contains(&minutes) {
        return Err(format!("{key} must be 0 to 5256000"));
    }
    Ok((minutes > 0.0).then_some((minutes * 60_000.0) as i64))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::super::load;

    fn with_file(text: &str) -> Result<super::Policy, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kefu.toml");
        std::fs::write(&path, text).unwrap();
        let layers = load(Some(&path), [], &[]).map_err(|error| format!("{error:#}"))?;
        layers.settings.desk.policy()
    }

    #[test]
    fn queues_and_routes_are_read() {
        let policy = with_file(
            r#"
            [desk]
            time_zone = "Asia/Shanghai"
            hours = ["mon-fri 09:00-18:00"]
            holidays = ["2026-10-01..2026-10-07"]
            assign = "least_busy"
            resolution_minutes = 0
            [[desk.queues]]
            name = "refunds"
            skills = ["refunds"]
            first_response_minutes = 15
            [[desk.routes]]
            queue = "refunds"
            problems = ["refund"]
            priority = "high"
            reasons = ["complaint", "human_requested"]
            "#,
        )
        .unwrap();
        let refunds = policy.queue("refunds");
        assert_eq!((refunds.first_response_ms, refunds.resolution_ms), (Some(900_000), None));
        assert_eq!(policy.queue("support").first_response_ms, Some(3_600_000));
        assert_eq!(policy.routes.len(), 1);
        assert_eq!(refunds.hours.zone().name(), "Asia/Shanghai");
    }

    #[test]
    fn mistakes_are_named_with_what_may_be_meant() {
        for (text, part) in [
            ("[desk]\ntime_zone = \"Asia/Shangai\"", "did you mean Asia/Shanghai?"),
            ("[desk]\nhours = [\"mun 09:00-10:00\"]", "desk.hours"),
            ("[desk]\nholidays = [\"2026-13-01\"]", "desk.holidays"),
            ("[desk]\nassign = \"least\"", "least_busy"),
            ("[desk]\npresence_timeout_s = 0", "desk.presence_timeout_s"),
            ("[[desk.queues]]\nnmae = \"a\"", "desk.queues[0].nmae; did you mean name?"),
            ("[[desk.queues]]\nname = \"a\"\n[[desk.queues]]\nname = \"a\"", "desk.queues[1].name"),
            ("[[desk.routes]]\nqueue = \"suport\"", "did you mean support?"),
            ("[[desk.routes]]\nreasons = [\"complain\"]", "did you mean complaint?"),
            ("[[desk.routes]]\npriority = \"hihg\"", "did you mean high?"),
            ("[[desk.routes]]\nlanguages = [\"x1\"]", "desk.routes[0].languages"),
            ("[[desk.routes]]\nlanguages = [\"en\", \"cn\"]", "did you mean zh?"),
            ("[[desk.routes]]\nlanguages = [\"english\"]", "did you mean en?"),
            ("[[desk.routes]]\nlanguages = [\"xx\"]", "desk.routes[0].languages: xx is no"),
            ("[[desk.queues]]\nname = \"a\"\nlanguages = [\"jp\"]", "did you mean ja?"),
            ("[[desk.routes]]\nproblems = [\"refunds\"]", "did you mean refund?"),
            ("[[desk.routes]]\nqueues = [\"complaint\"]", "did you mean complaints?"),
            ("[[desk.routes]]\nteirs = [\"gold\"]", "did you mean tiers?"),
            ("[desk]\nroutes = [\"a\"]", "[[desk.routes]]"),
        ] {
            let error = with_file(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}

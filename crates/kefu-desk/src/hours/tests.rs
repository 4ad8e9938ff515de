#![expect(clippy::unwrap_used, reason = "tests fail loudly")]

use proptest::prelude::*;

use super::*;

fn hours(zone: &str, week: &[&str], holidays: &[&str]) -> WorkingHours {
    let holidays = Holidays::parse(holidays.iter().copied()).unwrap();
    WorkingHours::parse(week.iter().copied(), Zone::named(zone).unwrap(), holidays).unwrap()
}

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn show(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).unwrap().to_string()
}

const HOUR: i64 = 3_600_000;

#[test]
fn a_week_opens_and_closes_in_its_zone() {
    let shop = hours("Asia/Shanghai", &["mon-fri 09:00-12:00 13:00-18:00"], &[]);
    // Shanghai is eight hours ahead; 2026-11-26 is a Thursday.
    for (at, is_open) in [
        ("2026-11-26T00:59:59Z", false),
        ("2026-11-26T01:00:00Z", true),
        ("2026-11-26T04:00:00Z", false),
        ("2026-11-26T05:00:00Z", true),
        ("2026-11-26T10:00:00Z", false),
        ("2026-11-28T02:00:00Z", false),
    ] {
        assert_eq!(shop.is_open(ms(at)), is_open, "{at}");
    }
    let next = |at: &str| show(shop.next_open(ms(at)).unwrap());
    assert_eq!(next("2026-11-26T01:30:00Z"), "2026-11-26T01:30:00Z");
    assert_eq!(next("2026-11-26T04:30:00Z"), "2026-11-26T05:00:00Z");
    assert_eq!(next("2026-11-27T12:00:00Z"), "2026-11-30T01:00:00Z", "over the weekend");
}

#[test]
fn work_is_counted_over_breaks_nights_and_holidays() {
    let week = ["mon-fri 09:00-17:00"];
    let shop = hours("UTC", &week, &["2026-11-27", "2026-11-30 10:00-12:00"]);
    let after = |at: &str, h: i64| show(shop.after_work(ms(at), h * HOUR).unwrap());
    assert_eq!(after("2026-11-26T10:00:00Z", 2), "2026-11-26T12:00:00Z");
    assert_eq!(after("2026-11-26T16:00:00Z", 1), "2026-11-26T17:00:00Z");
    assert_eq!(after("2026-11-26T16:00:00Z", 2), "2026-11-30T11:00:00Z", "Friday is a holiday");
    assert_eq!(after("2026-11-26T16:00:00Z", 4), "2026-12-01T10:00:00Z", "Monday is short");
    assert_eq!(after("2026-11-28T16:00:00Z", 0), "2026-11-30T10:00:00Z");
}

#[test]
fn changes_of_the_clock_move_no_hours() {
    let shop = hours("Europe/Berlin", &["daily 09:00-17:00"], &[]);
    let next = |at: &str| show(shop.next_open(ms(at)).unwrap());
    // Clocks went forward on 2026-03-29 and back on 2026-10-25.
    assert_eq!(next("2026-03-28T20:00:00Z"), "2026-03-29T07:00:00Z");
    assert_eq!(next("2026-03-27T20:00:00Z"), "2026-03-28T08:00:00Z");
    assert_eq!(next("2026-10-24T20:00:00Z"), "2026-10-25T08:00:00Z");
    let night = hours("Europe/Berlin", &["daily 00:00-06:00"], &[]);
    let worked = |from: &str| show(night.after_work(ms(from), 5 * HOUR).unwrap());
    assert_eq!(worked("2026-03-28T23:00:00Z"), "2026-03-29T04:00:00Z", "five hours are the night");
    assert_eq!(worked("2026-10-24T22:00:00Z"), "2026-10-25T03:00:00Z", "of seven, one is twice");
    let gap = hours("Europe/Berlin", &["sun 02:30-05:00"], &[]);
    let opens = gap.next_open(ms("2026-03-28T12:00:00Z")).unwrap();
    assert_eq!(show(opens), "2026-03-29T01:30:00Z", "02:30 does not exist that day");
}

#[test]
fn nights_belong_to_two_days() {
    let night = hours("UTC", &["sun 22:00-06:00"], &[]);
    assert!(night.is_open(ms("2026-11-29T23:00:00Z")) && night.is_open(ms("2026-11-30T05:59:00Z")));
    assert!(!night.is_open(ms("2026-11-30T06:00:00Z")));
    let week = hours("UTC", &["sat-mon 10:00-11:00"], &[]);
    let opens: Vec<bool> =
        (23..30).map(|day| week.is_open(ms(&format!("2026-11-{day}T10:30:00Z")))).collect();
    assert_eq!(opens, [true, false, false, false, false, true, true]);
}

#[test]
fn no_hours_mean_always_and_no_day_means_never() {
    let always = hours("UTC", &[], &["2026-12-25"]);
    assert!(always.is_open(ms("2026-11-29T03:00:00Z")));
    assert!(!always.is_open(ms("2026-12-25T03:00:00Z")));
    let after = always.after_work(ms("2026-12-24T23:00:00Z"), 2 * HOUR).unwrap();
    assert_eq!(show(after), "2026-12-26T01:00:00Z");
    let never = hours("UTC", &["mon 09:00-10:00"], &["2026-11-01..2027-10-31", "2027-11-01"]);
    assert_eq!(
        never.next_open(ms("2027-10-31T00:00:00Z")).map(show).unwrap(),
        "2027-11-08T09:00:00Z"
    );
    assert_eq!(never.after_work(ms("2027-10-31T00:00:00Z"), i64::MAX), None);
}

#[test]
fn what_cannot_be_read_is_explained() {
    let zone = Zone::named("Mars/Olympus").unwrap_err().to_string();
    assert!(zone.contains("Mars/Olympus") && zone.contains("IANA"), "{zone}");
    for (text, part) in [
        ("mun-fri 09:00-17:00", "mun"),
        ("mon-fri", "no hours"),
        ("mon 9-17", "time of day"),
        ("mon 09:00-25:00", "25:00"),
        ("mon 09:00-09:00", "no length"),
        ("", "empty"),
    ] {
        let zone = Zone::named("UTC").unwrap();
        let error = WorkingHours::parse([text], zone, Holidays::default()).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    for (text, part) in [
        ("2026-02-30", "2026-02-30"),
        ("2026-10-07..2026-10-01", "before it begins"),
        ("2026-01-01..2030-01-01", "longer than a year"),
        ("2026-12-24 12:00-09:00", "before it begins"),
    ] {
        let error = Holidays::parse([text]).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn counting_work_agrees_with_counting_minutes(
        from_minute in 0_i64..(366 * 1_440),
        n_minutes in 0_i64..1_500,
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    ) {
        let shop = hours(
            zone,
            &["mon-fri 08:30-12:00 13:15-17:00", "sat 22:00-02:00"],
            &["2026-05-01", "2026-12-24..2026-12-26", "2026-12-31 09:00-11:00"],
        );
        let from_ms = ms("2026-01-01T00:00:00Z") + from_minute * 60_000;
        let end_ms = shop.after_work(from_ms, n_minutes * 60_000).unwrap();
        prop_assert!(end_ms >= from_ms);
        let n_open = (from_ms..end_ms).step_by(60_000).filter(|at| shop.is_open(*at)).count();
        prop_assert_eq!(i64::try_from(n_open).unwrap(), n_minutes);
        let opens = shop.next_open(from_ms).unwrap();
        prop_assert!(shop.is_open(opens));
        prop_assert!((from_ms..opens).step_by(60_000).all(|at| !shop.is_open(at)));
    }
}

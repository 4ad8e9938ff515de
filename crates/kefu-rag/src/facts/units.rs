//! Units and currencies, many spellings to one name.

/// The one name of a unit.
pub(crate) type Unit = &'static str;

/// (name, spellings). Longer spellings of different units come apart by longest match.
const UNITS: &[(Unit, &[&str])] = &[
    (
        "workday",
        &[
            "business days",
            "business day",
            "working days",
            "working day",
            "workdays",
            "workday",
            "个工作日",
            "工作日",
        ],
    ),
    ("day", &["calendar days", "calendar day", "days", "day", "天", "日", "个自然日", "自然日"]),
    ("hour", &["hours", "hour", "hrs", "hr", "h", "个小时", "小时", "个钟头"]),
    ("minute", &["minutes", "minute", "mins", "min", "分钟"]),
    ("second", &["seconds", "second", "secs", "sec", "秒"]),
    ("week", &["weeks", "week", "周", "个星期", "星期", "个礼拜"]),
    ("month", &["months", "month", "个月"]),
    ("year", &["years", "year", "yrs", "yr", "周年", "年"]),
    ("percent", &["%", "percent", "per cent"]),
    ("off", &["折"]),
    ("times", &["times", "次", "倍"]),
    ("usd", &["us dollars", "dollars", "dollar", "usd", "美元", "美金"]),
    ("cny", &["yuan", "rmb", "cny", "元", "块钱", "块", "人民币"]),
    ("hkd", &["hkd", "港元", "港币"]),
    ("twd", &["twd", "ntd", "新台币"]),
    ("eur", &["euros", "euro", "eur", "欧元"]),
    ("gbp", &["pounds", "gbp", "英镑"]),
    ("kg", &["kilograms", "kilogram", "kg", "公斤", "千克"]),
    ("g", &["grams", "gram", "g", "克"]),
    ("km", &["kilometers", "kilometres", "km", "公里", "千米"]),
    ("m", &["meters", "metres", "meter", "metre", "m", "米"]),
    ("cm", &["centimeters", "centimetres", "cm", "厘米"]),
    ("mm", &["mm", "毫米"]),
    ("inch", &["inches", "inch", "英寸"]),
    ("l", &["litres", "liters", "litre", "liter", "l", "升"]),
    ("ml", &["ml", "毫升"]),
    ("tb", &["tb"]),
    ("gb", &["gb"]),
    ("mb", &["mb"]),
    ("w", &["watts", "watt", "w", "瓦"]),
    ("v", &["volts", "volt", "v", "伏"]),
    ("mah", &["mah", "毫安时", "毫安"]),
    ("hz", &["hz", "赫兹"]),
    ("celsius", &["°c", "摄氏度"]),
    ("point", &["points", "point", "积分"]),
];

/// Signs and words that stand before an amount, longest first.
const BEFORE: &[(&str, Unit)] = &[
    ("us$", "usd"),
    ("hk$", "hkd"),
    ("nt$", "twd"),
    ("$", "usd"),
    ("¥", "cny"),
    ("€", "eur"),
    ("£", "gbp"),
    ("usd", "usd"),
    ("rmb", "cny"),
    ("cny", "cny"),
    ("hkd", "hkd"),
    ("eur", "eur"),
    ("gbp", "gbp"),
    ("百分之", "percent"),
];

/// The unit of a number from the text before and after it.
pub(super) fn around(before: &str, after: &str, number: &str) -> Option<Unit> {
    let before = before.trim_end();
    if let Some((_, unit)) = BEFORE.iter().find(|(sign, _)| before.ends_with(sign)) {
        return Some(unit);
    }
    let unit = after_number(after)?;
    // 2024年 names a year, 3年 a length of time.
    if unit == "year" && number.len() == 4 { None } else { Some(unit) }
}

/// Whether the word is a unit.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|(_, spellings)| spellings.contains(&word))
}

/// Whether the word stands for a currency before an amount.
pub(super) fn is_currency(word: &str) -> bool {
    word.len() == 3 && BEFORE.iter().any(|(sign, _)| *sign == word)
}

/// The unit that begins the text after a number.
pub(super) fn after_number(after: &str) -> Option<Unit> {
    let after = after.strip_prefix([' ', '-']).unwrap_or(after);
    let mut best: Option<(usize, Unit)> = None;
    for (unit, spellings) in UNITS {
        for spelling in *spellings {
            let longer = best.is_none_or(|(len, _)| spelling.len() > len);
            if longer && after.starts_with(spelling) && ends_there(spelling, after) {
                best = Some((spelling.len(), unit));
            }
        }
    }
    best.map(|(_, unit)| unit)
}

fn ends_there(spelling: &str, after: &str) -> bool {
    let latin = spelling.ends_with(|c: char| c.is_ascii_alphabetic());
    let next = after[spelling.len()..].chars().next();
    !latin || !next.is_some_and(|c| c.is_ascii_alphanumeric())
}

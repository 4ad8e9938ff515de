//! The forms in which things are compared.

use std::sync::LazyLock;

use regex::Regex;

use crate::aspects::Aspect;
use crate::facts::pattern;

/// The two names in a comparison, and what they are compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) names: [String; 2],
    pub(super) aspect: Option<String>,
}

/// Finds the parts; names may still be pronouns.
pub(super) fn parts(text: &str) -> Option<Parts> {
    let text = OPENING.replace(text.trim(), "");
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || "?!.？！。".contains(c));
    let found = FORMS.iter().find_map(|form| form.captures(text))?;
    let group = |name: &str| found.name(name).map(|m| m.as_str().trim().to_owned());
    let mut aspect = group("aspect").filter(|aspect| !aspect.is_empty());
    let mut bare = |name: String| match without_aspect(&name) {
        Some((rest, of)) => {
            aspect.get_or_insert(of);
            rest
        }
        None => name,
    };
    let (a, b) = match (group("a"), group("b"), group("ab")) {
        (Some(a), Some(b), _) => (a, b),
        (_, _, Some(both)) => halves(&bare(both))?,
        _ => return None,
    };
    let names = [a, b].map(|name| {
        let name = bare(name);
        let name = ARTICLE.replace(name.trim(), "");
        name.trim_matches(['"', '“', '”', ',', '，']).to_owned()
    });
    // "A和B的保修哪个更长": what is measured says more than the adjective.
    let measured = names_aspect(text)
        .filter(|_| aspect.as_deref().is_none_or(|aspect| Aspect::asked(aspect).is_none()));
    Some(Parts { names, aspect: measured.or(aspect) })
}

static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:please|hi|hello|so|and|ok|okay|(?:can|could|would) you(?: please)?|tell me|请问|你好|您好|请|麻烦|我想知道|我想问|想问一下|帮我|帮忙)[,，!！]?\s*)+",
    )
});
static ARTICLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)^(?:the|a|an|your|our|my|between|这款|那款|你们的|你们家的)\s*\b")
});

/// The more exact forms before the general ones. `ab` is split at the conjunction.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        r"(?i)\bdifferences? (?:in|of) (?P<aspect>[^,]+?) between (?P<ab>.+)$",
        r"(?i)\bdifferences? between (?P<ab>.+?)(?: in (?:terms of )?(?P<aspect>[^,]+))?$",
        r"(?i)^compare (?P<a>.+?) (?:with|to|against|versus|vs\.?) (?P<b>.+)$",
        r"(?i)^compare (?P<ab>.+)$",
        r"(?i)^how (?:does|do|is|are) (?P<a>.+?) (?:differ from|different from|compare (?:to|with)) (?P<b>.+)$",
        r"(?i)^(?:which|what)(?: one)? (?P<aspect>[^,:]+)[,:] ?(?P<a>.+?) or (?P<b>.+)$",
        r"(?i)^(?P<a>.+?) or (?P<b>.+?)[,:] ?which(?: one)? (?P<aspect>.+)$",
        r"(?i)^(?:is|are) (?P<a>.+?) (?P<aspect>\w+er|(?:more|less) \w+) than (?P<b>.+)$",
        r"(?i)^(?:does|do) (?P<a>.+?) (?P<aspect>(?:have|cost|weigh|hold|take|last|use|need)s? .+?) than (?P<b>.+)$",
        r"(?i)^(?P<a>[^,]+?),? (?:vs\.?|versus) (?P<b>[^,]+)$",
        r"^(?:比较|对比|比一比)(?:一下|下)?(?P<ab>.+)$",
        r"^(?P<ab>.+?)(?:之间|两者|二者)?在(?P<aspect>[^在]+?)(?:上|方面)(?:有什么|有啥|有何|有哪些|有没有|的)*(?:区别|不同|差别|差异|不一样)(?:是什么|在哪里|在哪|吗|呢)?$",
        r"^(?P<ab>.+?)(?:之间|两者|二者)?(?:有什么|有啥|有何|有哪些|有没有|的)+(?:区别|不同|差别|差异|不一样)(?:是什么|在哪里|在哪|吗|呢)?$",
        r"^(?P<ab>.+?)[，,]?(?:相比|比起来)?[，,]?(?:哪一个|哪一款|哪个|哪款|哪种|谁)的?(?P<aspect>[^，,]+)$",
        r"^(?P<a>.+?)还是(?P<b>.+?)(?P<aspect>(?:更|比较)[^，,]+)$",
        r"^(?P<a>.+?)比(?P<b>.+?)(?P<aspect>更?(?:重|轻|贵|便宜|大|小|快|慢|高|矮|长|短)(?:多少|一些|一点|吗|得多|多)?)$",
        r"(?i)^(?P<a>[^，,]+?)\s*(?:vs\.?|对比)\s*(?P<b>[^，,]+)$",
        r"^(?P<a>[^，,]+?)还是(?P<b>[^，,]+)$",
    ];
    forms.into_iter().map(pattern).collect()
});

static CONJUNCTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i) (?:and|or|vs\.?|versus|with) |以及|还是|和|与|跟|、"));
static OF: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:the )?(?P<of>[\w -]{3,30}?) (?:of|for) (?P<rest>.+)$"));
static POSSESSIVE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?P<rest>.+)(?:['’]s |的)(?P<of>[^'’的]+)$"));

/// Both sides of the conjunction that leaves the longer short side: 颐和园和故宫 has two.
fn halves(both: &str) -> Option<(String, String)> {
    let n_chars = |text: &str| text.trim().chars().count();
    let splits = CONJUNCTION.find_iter(both).map(|m| (&both[..m.start()], &both[m.end()..]));
    let best = splits
        .filter(|(a, b)| n_chars(a) > 0 && n_chars(b) > 0)
        .max_by_key(|(a, b)| n_chars(a).min(n_chars(b)))?;
    Some((best.0.trim().to_owned(), best.1.trim().to_owned()))
}

/// A name without what it is compared by: "the price of the lamp", "the lamp's price", "灯的价格",
/// "lamp price".
fn without_aspect(name: &str) -> Option<(String, String)> {
    let found = OF.captures(name).or_else(|| POSSESSIVE.captures(name));
    if let Some(found) = found {
        return Some((found["rest"].trim().to_owned(), found["of"].trim().to_owned()));
    }
    let word = names_aspect(name)?;
    let rest = name.strip_suffix(word.as_str())?.trim();
    (!rest.is_empty()).then(|| (rest.to_owned(), word))
}

/// The word of a text that names something measurable.
fn names_aspect(text: &str) -> Option<String> {
    const NOUNS: &[&str] = &[
        "warranty",
        "guarantee",
        "price",
        "weight",
        "capacity",
        "size",
        "power",
        "cost",
        "保修期",
        "保修",
        "质保",
        "价格",
        "售价",
        "价钱",
        "重量",
        "容量",
        "尺寸",
        "大小",
        "功率",
    ];
    let text = text.to_ascii_lowercase();
    let is_in = |noun: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        if noun.is_ascii() { words.any(|word| word == noun) } else { text.contains(noun) }
    };
    NOUNS.iter().find(|noun| is_in(noun)).map(|noun| (*noun).to_owned())
}

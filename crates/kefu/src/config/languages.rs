//! Language codes that a configuration may name.

/// The two-letter codes of ISO 639-1.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr \
    cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho \
    hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky \
    la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj \
    om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw \
    ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// What people write instead of a code: names, and codes of countries.
const MEANT: [(&str, &str); 18] = [
    ("cn", "zh"),
    ("chinese", "zh"),
    ("mandarin", "zh"),
    ("中文", "zh"),
    ("us", "en"),
    ("gb", "en"),
    ("english", "en"),
    ("jp", "ja"),
    ("japanese", "ja"),
    ("korean", "ko"),
    ("german", "de"),
    ("french", "fr"),
    ("spanish", "es"),
    ("portuguese", "pt"),
    ("russian", "ru"),
    ("ua", "uk"),
    ("cz", "cs"),
    ("dk", "da"),
];

/// Whether it is the code of a language.
pub(super) fn is_code(code: &str) -> bool {
    CODES.split(' ').any(|known| known == code)
}

/// What may have been meant by something that is no code, as the end of a message.
pub(super) fn meant_by(word: &str) -> String {
    let word = word.trim().to_lowercase();
    let meant = MEANT.iter().find(|(written, _)| *written == word);
    match meant {
        Some((_, code)) => format!("; did you mean {code}?"),
        None => " such as en or zh".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_words() {
        assert!(["en", "zh", "de", "zu"].into_iter().all(is_code));
        assert!(!["", "x1", "xx", "cn", "un", "en zh"].into_iter().any(is_code));
        assert!(MEANT.iter().all(|(written, code)| is_code(code) && !is_code(written)));
        assert_eq!(
            CODES.split(' ').filter(|code| code.len() == 2).count(),
            CODES.split(' ').count()
        );
    }
}

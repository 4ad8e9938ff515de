//! Merging the layers into checked settings, with errors that name the layer and the key.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use toml::{Table, Value};

use super::{Settings, desk};

const DEFAULTS: &str = include_str!("default.toml");
const ENV_PREFIX: &str = "KEFU__";
const SECRET_KEYS: [&str; 6] =
    ["api_key", "hub_token", "secret", "token", "aes_key", "identity_secret"];

/// The merged layers: the checked settings, and the table they came from for `config show`.
#[derive(Clone, Debug)]
pub(crate) struct Layers {
    pub(crate) settings: Settings,
    table: Table,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
}

impl Layers {
    /// The merged configuration as TOML with secrets hidden.
    pub(crate) fn redacted_toml(&self) -> anyhow::Result<String> {
        let mut table = self.table.clone();
        for (_, section) in &mut table {
            match section {
                Value::Table(section) => hide_secrets(section),
                Value::Array(entries) => {
                    entries.iter_mut().filter_map(Value::as_table_mut).for_each(hide_secrets);
                }
                _ => {}
            }
        }
        Ok(toml::to_string_pretty(&table)?)
    }
}

fn hide_secrets(section: &mut Table) {
    for key in SECRET_KEYS {
        if let Some(Value::String(secret)) = section.get_mut(key)
            && !secret.is_empty()
        {
            *secret = "********".to_owned();
        }
    }
}

/// Reads all layers. `file` is `--config`; without it `kefu.toml` of the working directory is read
/// when there is one. `environment` is all of the process's variables; `flags` are `section.key`
/// pairs from the command line.
pub(crate) fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[(&str, String)],
) -> anyhow::Result<Layers> {
    let defaults: Table = DEFAULTS.parse().context("the embedded default.toml is broken")?;
    let mut table = defaults.clone();
    let file = file.map(Path::to_path_buf).or_else(|| {
        let usual = PathBuf::from("kefu.toml");
        usual.is_file().then_some(usual)
    });
    if let Some(path) = &file {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        let layer: Table =
            text.parse().with_context(|| format!("{} is not valid TOML", path.display()))?;
        merge_file(&mut table, &layer)
            .with_context(|| format!("in the configuration {}", path.display()))?;
    }
    for (name, value) in environment {
        if let Some(path) = name.strip_prefix(ENV_PREFIX) {
            let path = path.to_ascii_lowercase().replace("__", ".");
            set(&mut table, &path, &value)
                .with_context(|| format!("in the environment variable {name}"))?;
        }
    }
    for (path, value) in flags {
        set(&mut table, path, value).context("on the command line")?;
    }
    desk::check_keys(&table).map_err(anyhow::Error::msg).context("in the configuration")?;
    let settings: Settings = table.clone().try_into().context("in the configuration")?;
    settings.check().map_err(anyhow::Error::msg).context("in the configuration")?;
    Ok(Layers { settings, table, file })
}

fn merge_file(base: &mut Table, layer: &Table) -> anyhow::Result<()> {
    for (section_name, section) in layer {
        let names: Vec<String> = base.keys().cloned().collect();
        if let Some(entries @ Value::Array(_)) = base.get_mut(section_name) {
            let Value::Array(_) = section else {
                bail!("{section_name} must be tables of the form [[{section_name}]]");
            };
            *entries = section.clone();
            continue;
        }
        let Some(Value::Table(known)) = base.get_mut(section_name) else {
            bail!("unknown section [{section_name}]{}", hint(section_name, &names));
        };
        let Value::Table(section) = section else {
            bail!("[{section_name}] must be a section with keys");
        };
        for (key, value) in section {
            let keys: Vec<String> = known.keys().cloned().collect();
            let Some(present) = known.get_mut(key) else {
                bail!("unknown key {section_name}.{key}{}", hint(key, &keys));
            };
            let value = match (&*present, value) {
                (Value::Float(_), Value::Integer(whole)) => Value::Float(*whole as f64),
                _ => value.clone(),
            };
            if present.type_str() != value.type_str() {
                let (want, got) = (present.type_str(), value.type_str());
                bail!("{section_name}.{key} must be {want}, not {got}");
            }
            *present = value;
        }
    }
    Ok(())
}

/// Sets `section.key` from text, read as the type the key has.
fn set(table: &mut Table, path: &str, text: &str) -> anyhow::Result<()> {
    let Some((section_name, key)) = path.split_once('.') else {
        bail!("{path} names no section and key");
    };
    let sections: Vec<String> = table.keys().cloned().collect();
    let Some(Value::Table(section)) = table.get_mut(section_name) else {
        bail!("unknown section {section_name}{}", hint(section_name, &sections));
    };
    let keys: Vec<String> = section.keys().cloned().collect();
    let Some(present) = section.get_mut(key) else {
        bail!("unknown key {section_name}.{key}{}", hint(key, &keys));
    };
    let wrong = || format!("{section_name}.{key} must be {}, not `{text}`", present.type_str());
    let value = match present {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Integer(_) => Value::Integer(text.parse().with_context(wrong)?),
        Value::Float(_) => Value::Float(text.parse().with_context(wrong)?),
        Value::Boolean(_) => Value::Boolean(text.parse().with_context(wrong)?),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        Value::Datetime(_) | Value::Table(_) => bail!("{path} cannot be set from text"),
    };
    *present = value;
    Ok(())
}

/// What may have been meant by an unknown word.
pub(crate) fn hint(word: &str, known: &[String]) -> String {
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len().div_ceil(2));
    match nearest {
        Some((_, name)) => format!("; did you mean {name}?"),
        None => format!("; known are {}", known.join(", ")),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn with_file(text: &str) -> anyhow::Result<Layers> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kefu.toml");
        std::fs::write(&path, text).unwrap();
        load(Some(&path), [], &[])
    }

    #[test]
    fn the_defaults_are_valid() {
        let layers = load(None, [], &[]).unwrap();
        assert_eq!(layers.settings.server.listen.port(), 8080);
    }

    #[test]
    fn later_layers_win() {
        let env = [("KEFU__ANSWER__THRESHOLD".to_owned(), "0.7".to_owned())];
        let flags = [("server.listen", "127.0.0.1:9".to_owned())];
        let layers = load(None, env, &flags).unwrap();
        assert!((layers.settings.answer.threshold - 0.7).abs() < 1e-6);
        assert_eq!(layers.settings.server.listen.port(), 9);
    }

    #[test]
    fn a_wrong_key_names_its_neighbour() {
        let error = format!("{:#}", with_file("[answer]\ntreshold = 0.4\n").unwrap_err());
        assert!(error.contains("did you mean threshold?"), "{error}");
        let error = format!("{:#}", with_file("[sever]\nlisten = \"x\"\n").unwrap_err());
        assert!(error.contains("did you mean server?"), "{error}");
    }

    #[test]
    fn a_wrong_type_is_refused() {
        let error = format!("{:#}", with_file("[answer]\nthreshold = \"high\"\n").unwrap_err());
        assert!(error.contains("answer.threshold must be float"), "{error}");
    }

    #[test]
    fn a_loose_match_of_reviewed_questions_is_refused() {
        let error = with_file("[answer]\ncurated_threshold = 0.5\n").unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("answer.curated_threshold must lie between 0.9 and 1"), "{error}");
        assert!(with_file("[answer]\ncurated_threshold = 1.0\n").is_ok());
    }

    #[test]
    fn listening_to_the_world_needs_a_word() {
        let error = with_file("[server]\nlisten = \"0.0.0.0:80\"\n").unwrap_err();
        assert!(format!("{error:#}").contains("allow_remote"));
    }

    #[test]
    fn webhooks_are_tables_and_their_secrets_are_not_shown() {
        let hook = "[[webhooks]]\nname = \"crm\"\nurl = \"https://crm.example/k\"\n";
        let good = format!("{hook}secret = \"hunter2-hunter2-hunter2\"\n");
        let layers = with_file(&good).unwrap();
        assert_eq!(layers.settings.webhooks.len(), 1);
        assert!(!layers.redacted_toml().unwrap().contains("hunter2"));
        assert!(!format!("{:?}", layers.settings.webhooks).contains("hunter2"));
        for (text, word) in [
            (hook.to_owned(), "secret"),
            (format!("{hook}secret = \"short\"\n"), "16"),
            (format!("{good}events = [\"ticket.lost\"]\n"), "ticket.lost"),
            (format!("{good}colour = 1\n"), "colour"),
            (format!("{good}kind = \"chatwoot\"\n"), "account_id"),
            (format!("{good}{good}"), "two"),
            ("webhooks = 1\n".to_owned(), "[[webhooks]]"),
        ] {
            let error = format!("{:#}", with_file(&text).unwrap_err());
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        for text in [
            "[store]\napi_key = \"hunter2\"\n",
            "[chat]\nidentity_secret = \"hunter2-hunter2-hunter2\"\n",
        ] {
            let layers = with_file(text).unwrap();
            assert!(!layers.redacted_toml().unwrap().contains("hunter2"), "{text}");
            assert!(!format!("{:?}", layers.settings.chat).contains("hunter2"), "{text}");
        }
        let error = with_file("[chat]\nidentity_secret = \"short\"\n").unwrap_err();
        assert!(format!("{error:#}").contains("chat.identity_secret"), "{error:#}");
    }
}

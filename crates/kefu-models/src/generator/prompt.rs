//! Messages to prompt tokens through the model's own chat template.

use kefu_core::ports::{PromptMessage, PromptRole};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::checkpoint::Checkpoint;
use super::vocabulary::Vocabulary;
use crate::error::ModelsError;

const TEMPLATE: &str = "chat";
/// Stand around the number of a message where the template puts its text. Private-use characters
/// occur in no template.
const SLOT_OPEN: char = '\u{F0000}';
const SLOT_CLOSE: char = '\u{F0001}';

/// How a model wants its prompts, and the marks that the template may name.
pub(super) struct Template {
    pub(super) source: String,
    pub(super) bos: String,
    pub(super) eos: String,
}

impl Template {
    /// As GGUF metadata have it.
    pub(super) fn read(
        file: &Checkpoint<'_>,
        vocabulary: &Vocabulary,
    ) -> Result<Self, ModelsError> {
        let Some(source) = file.text("tokenizer.chat_template") else {
            return Err(file.bad("it has no chat template"));
        };
        let token = |key: &str| vocabulary.mark(file.number(key)).unwrap_or_default().to_owned();
        let (bos, eos) =
            (token("tokenizer.ggml.bos_token_id"), token("tokenizer.ggml.eos_token_id"));
        Ok(Self { source: source.to_owned(), bos, eos })
    }
}

/// Renders prompts.
pub(super) struct Prompter {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl Prompter {
    /// Fails with what is wrong with the template.
    pub(super) fn new(template: Template, vocabulary: &Vocabulary) -> Result<Self, String> {
        let failed = |detail: String| format!("chat template: {detail}");
        let environment = environment(&template.source).map_err(|e| failed(e.to_string()))?;
        let prompter = Self { environment, bos: template.bos, eos: template.eos };
        let sample = [PromptRole::System, PromptRole::User]
            .map(|role| PromptMessage { role, text: "hello".to_owned() });
        prompter.encode(&sample, vocabulary).map_err(failed)?;
        Ok(prompter)
    }

    /// Ids of a prompt that asks for the assistant's turn. The template sees a placeholder where
    /// each text goes, and the texts are encoded apart from what the template wrote: whatever a
    /// text says, it cannot open or close a turn.
    pub(super) fn encode(
        &self,
        messages: &[PromptMessage],
        vocabulary: &Vocabulary,
    ) -> Result<Vec<u32>, String> {
        let rendered = self.render(messages).map_err(|e| e.to_string())?;
        let mut parts = rendered.split(SLOT_OPEN);
        let mut ids = vocabulary.encode_template(parts.next().unwrap_or_default())?;
        for part in parts {
            let (slot, written) = part.split_once(SLOT_CLOSE).ok_or("a placeholder was torn")?;
            let message = slot.parse::<usize>().ok().and_then(|idx| messages.get(idx));
            let text = message.map(|m| m.text.trim()).ok_or("a placeholder was changed")?;
            ids.extend(vocabulary.encode(text)?);
            ids.extend(vocabulary.encode_template(written)?);
        }
        Ok(ids)
    }

    fn render(&self, messages: &[PromptMessage]) -> Result<String, Error> {
        let message = |(idx, message): (usize, &PromptMessage)| {
            let content = format!("{SLOT_OPEN}{idx}{SLOT_CLOSE}");
            Value::from_pairs([("role", role(message.role)), ("content", content.as_str())])
        };
        let list: Vec<Value> = messages.iter().enumerate().map(message).collect();
        let context = Value::from_pairs([
            ("messages", Value::from(list)),
            ("add_generation_prompt", Value::from(true)),
            // Thinking aloud costs more time than an answer has.
            ("enable_thinking", Value::from(false)),
            ("bos_token", Value::from(self.bos.as_str())),
            ("eos_token", Value::from(self.eos.as_str())),
        ]);
        self.environment.get_template(TEMPLATE)?.render(context)
    }
}

fn role(role: PromptRole) -> &'static str {
    match role {
        PromptRole::System => "system",
        PromptRole::User => "user",
        PromptRole::Assistant => "assistant",
    }
}

/// An environment that renders as the templates' home does.
fn environment(template: &str) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(unknown_method_callback);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    environment.add_filter("tojson", tojson);
    environment.add_template_owned(TEMPLATE, template.to_owned())?;
    Ok(environment)
}

/// The built-in filter makes its output safe for HTML, which these templates do not expect.
fn tojson(value: &Value, indent: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    let escaped = minijinja::filters::tojson(value, indent, options)?;
    let mut plain = escaped.to_string();
    for (code, character) in
        [("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&"), ("\\u0027", "'")]
    {
        plain = plain.replace(code, character);
    }
    Ok(Value::from(plain))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests fail loudly")]
mod tests {
    use super::*;

    fn rendered(template: &str) -> Result<String, Error> {
        environment(template)?
            .get_template(TEMPLATE)?
            .render(Value::from_pairs([("x", "<a> & 'b'")]))
    }

    #[test]
    fn templates_render_as_at_home() {
        assert_eq!(rendered("{{ x|tojson }}").unwrap(), "\"<a> & 'b'\"");
        assert_eq!(rendered("{{ x }}").unwrap(), "<a> & 'b'");
        assert_eq!(
            rendered("{% if true %}\n  {% if true %}\na\n{% endif %}{% endif %}").unwrap(),
            "a\n"
        );
        assert_eq!(rendered("{{ x.split(' ')[0].startswith('<') }}").unwrap(), "True");
        let message = rendered("{{ raise_exception('no tools') }}").unwrap_err().to_string();
        assert!(message.contains("no tools"), "{message}");
    }
}

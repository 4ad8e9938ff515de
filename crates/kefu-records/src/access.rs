use kefu_core::ports::PageRequest;
use kefu_core::{RecordsError, Role, Scope};

use crate::fault::{Fault, invalid};

/// Whether a row with the JSON list of audiences in `$column` may be read by a scope whose
/// [`sees_all`] is `?2` and whose [`audiences`](crate::blob::audiences) are `?3`.
macro_rules! readable {
    ($column:literal) => {
        concat!(
            "(?2 OR EXISTS (SELECT 1 FROM json_each(",
            $column,
            ") AS its JOIN json_each(?3) AS ours ON ours.value = its.value))"
        )
    };
}
pub(crate) use readable;

/// Editors and above read documents of every audience.
pub(crate) fn sees_all(scope: &Scope) -> bool {
    scope.role() >= Role::Editor
}

pub(crate) fn require(
    scope: &Scope,
    lowest: Role,
    action: &'static str,
) -> Result<(), RecordsError> {
    if scope.role() >= lowest {
        return Ok(());
    }
    Err(RecordsError::Forbidden { role: scope.role().as_str(), action })
}

pub(crate) fn check_limit(page: &PageRequest) -> Result<(), Fault> {
    match page.limit {
        1..=500 => Ok(()),
        limit => Err(invalid(format!("limit must be 1 to 500, not {limit}"))),
    }
}

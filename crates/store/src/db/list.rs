//! `IN` lists of one length, so that a statement with a list is one text.

use super::Value;

/// Values of an `IN` list; what is left over is bound to NULL, which equals nothing.
pub(crate) const LIST: usize = 64;

/// The text of a list of [`LIST`] placeholders; further ones are `$65` and so on.
macro_rules! list {
    () => {
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, \
         $43, $44, $45, $46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, \
         $63, $64)"
    };
}
pub(crate) use list;

/// The values of a list, to which a statement's others are added.
pub(crate) fn list_of<T>(some: &[T]) -> Vec<Value>
where
    T: Clone + Into<Value>,
{
    let mut values: Vec<Value> = some.iter().cloned().map(Into::into).collect();
    let none = match values.first() {
        Some(Value::Text(_)) | None => Value::Text(None),
        Some(_) => Value::Int(None),
    };
    values.resize(LIST, none);
    values
}

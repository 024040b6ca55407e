//! API calls for customers.

use super::call::Call;
use crate::api_error::ApiError;
use crate::flows::CustomerChange;
use crate::state::State;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let metadata = call.params.metadata("metadata")?;
    Ok(state.create_customer(call.params.filled("email"), call.params.filled("name"), metadata))
}

pub(super) fn update(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let change = CustomerChange {
        email: call.params.filled("email"),
        name: call.params.filled("name"),
        metadata: call.params.metadata("metadata")?,
    };
    state.update_customer(id, change).map(|()| id.to_owned())
}

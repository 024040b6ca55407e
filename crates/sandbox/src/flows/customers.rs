//! Creating and changing customers, with their events.

use crate::api_error::ApiError;
use crate::flows::checkout::Buyer;
use crate::model::{Customer, Metadata, Object};
use crate::state::State;

/// What becomes different about a customer; what is none or empty stays.
#[derive(Clone, Debug, Default)]
pub struct CustomerChange {
    /// The new email address.
    pub email: Option<String>,
    /// The new name.
    pub name: Option<String>,
    /// Keys to set; an empty value takes the key away.
    pub metadata: Metadata,
}

impl State {
    pub(crate) fn create_customer(
        &mut self,
        email: Option<String>,
        name: Option<String>,
        metadata: Metadata,
    ) -> String {
        let customer = Customer { id: self.ids.short("cus_"), email, name, metadata, created: self.now() };
        self.emit("customer.created", Object::from(&customer));
        let id = customer.id.clone();
        self.customers.put(customer);
        id
    }

    pub(crate) fn customer_for(&mut self, buyer: &Buyer) -> String {
        self.create_customer(Some(buyer.email.clone()), Some(buyer.name.clone()), Metadata::new())
    }

    pub(crate) fn update_customer(&mut self, id: &str, change: CustomerChange) -> Result<(), ApiError> {
        let customer = self.customers.get_mut(id).ok_or_else(|| ApiError::missing("customer", id))?;
        let before = Object::from(&*customer);
        customer.email = change.email.or_else(|| customer.email.take());
        customer.name = change.name.or_else(|| customer.name.take());
        merge_metadata(&mut customer.metadata, change.metadata);
        let after = Object::from(&*customer);
        self.emit_change("customer.updated", before, after);
        Ok(())
    }
}

/// Stripe merges metadata key by key; an empty value takes the key away.
pub(crate) fn merge_metadata(metadata: &mut Metadata, change: Metadata) {
    for (key, value) in change {
        if value.is_empty() {
            metadata.remove(&key);
        } else {
            metadata.insert(key, value);
        }
    }
}

//! Reads the lines of an invoice: what was bought.

use domain::items::Item;
use serde_json::Value;

use super::values::{at, clipped, id, integer, list, text};

/// The most lines that are kept. An event lists ten and an expanded list a hundred (Stripe docs:
/// pagination); what is not kept counts as one line of an unknown product.
const MOST_ITEMS: usize = 100;

/// The lines of an invoice, by the fields that exist: `pricing` from 2025-03-31.basil on, `price`
/// before, and `plan` where an older line has no price.
pub(super) fn items(invoice: &Value) -> Vec<Item> {
    let lines = list(invoice, &["lines", "data"]);
    let mut items: Vec<Item> = lines.iter().take(MOST_ITEMS).map(item).collect();
    let cut = lines.len() > items.len();
    let more = at(invoice, &["lines", "has_more"]).and_then(Value::as_bool).unwrap_or(false);
    if cut || more {
        let listed: i64 = lines
            .iter()
            .take(MOST_ITEMS)
            .filter_map(|line| integer(line, &["amount"]))
            .fold(0, i64::saturating_add);
        let rest = integer(invoice, &["subtotal"]).unwrap_or(listed).saturating_sub(listed);
        items.push(Item { amount: rest, product: None, price: None, name: None });
    }
    items
}

fn item(line: &Value) -> Item {
    let product = id(line, &["pricing", "price_details", "product"])
        .or_else(|| id(line, &["price", "product"]))
        .or_else(|| id(line, &["plan", "product"]));
    let price = id(line, &["pricing", "price_details", "price"])
        .or_else(|| id(line, &["price"]))
        .or_else(|| id(line, &["plan"]));
    Item {
        amount: net(line),
        product,
        price,
        name: text(line, &["description"]).map(|text| clipped(plain_name(&text))),
    }
}

/// What a line charges after its discounts and without the tax that is inside its amount.
fn net(line: &Value) -> i64 {
    let sum = |key: &str, counts: &dyn Fn(&Value) -> bool| {
        let amounts = list(line, &[key]).iter().filter(|one| counts(one));
        amounts.filter_map(|one| integer(one, &["amount"])).fold(0, i64::saturating_add)
    };
    let discounts = sum("discount_amounts", &|_| true);
    let is_inside = |tax: &Value| {
        at(tax, &["inclusive"]).and_then(Value::as_bool) == Some(true)
            || text(tax, &["tax_behavior"]).as_deref() == Some("inclusive")
    };
    // Real invoices carry both generations at once: the first that exists, never both.
    let taxes = if list(line, &["tax_amounts"]).is_empty() { "taxes" } else { "tax_amounts" };
    let amount = integer(line, &["amount"]).unwrap_or(0);
    amount.saturating_sub(discounts).saturating_sub(sum(taxes, &is_inside))
}

/// "Lumen Team" from "1 × Lumen Team (at $190.00 / year)", which is how Stripe words the line of a
/// subscription.
fn plain_name(description: &str) -> &str {
    let after = description.split_once(" × ").filter(|(count, _)| count.bytes().all(|b| b.is_ascii_digit()));
    let name = after.map_or(description, |(_, name)| name);
    name.split_once(" (at ").map_or(name, |(name, _)| name).trim()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(line: Value) -> Item {
        let invoice = json!({ "lines": { "data": [line] } });
        items(&invoice).remove(0)
    }

    #[test]
    fn products_are_read_in_the_shape_of_every_version() {
        let shapes = [
            json!({ "pricing": { "price_details": { "price": "price_1", "product": "prod_1" } } }),
            json!({ "price": { "id": "price_1", "product": "prod_1" } }),
            json!({ "price": { "id": "price_1", "product": { "id": "prod_1", "name": "Team" } }, "plan": { "id": "old" } }),
            json!({ "price": null, "plan": { "id": "price_1", "product": "prod_1" } }),
            // Both generations at once, as real invoices have them.
            json!({
                "pricing": { "price_details": { "price": "price_1", "product": "prod_1" } },
                "price": { "id": "price_0", "product": "prod_0" },
            }),
        ];
        for shape in shapes {
            let item = read(shape.clone());
            assert_eq!(
                (item.product.as_deref(), item.price.as_deref()),
                (Some("prod_1"), Some("price_1")),
                "{shape}"
            );
        }
        let item = read(json!({ "amount": 5, "description": "Consulting" }));
        assert_eq!((item.amount, item.product, item.price), (5, None, None));
    }

    #[test]
    fn an_amount_is_after_discounts_and_without_the_tax_inside_it() {
        let discounts = json!([{ "amount": 200, "discount": "di_1" }]);
        for taxes in [
            json!({ "tax_amounts": [{ "amount": 100, "inclusive": true }, { "amount": 50, "inclusive": false }] }),
            json!({ "taxes": [{ "amount": 100, "tax_behavior": "inclusive" }, { "amount": 50, "tax_behavior": "exclusive" }] }),
        ] {
            let mut line = json!({ "amount": 1_000, "discount_amounts": discounts });
            line.as_object_mut().unwrap().extend(taxes.as_object().unwrap().clone());
            assert_eq!(read(line).amount, 700);
        }
    }

    #[test]
    fn names_are_without_quantity_and_price() {
        for (description, name) in [
            ("1 × Lumen Team (at $190.00 / year)", "Lumen Team"),
            ("Unused time on Lumen Pro after 18 Mar 2026", "Unused time on Lumen Pro after 18 Mar 2026"),
            ("Big × Small", "Big × Small"),
        ] {
            assert_eq!(read(json!({ "description": description })).name.as_deref(), Some(name));
        }
    }

    #[test]
    fn lines_that_are_not_listed_are_one_of_an_unknown_product() {
        let line = json!({ "amount": 1_000, "price": { "id": "price_1", "product": "prod_1" } });
        let listed =
            json!({ "subtotal": 5_000, "lines": { "has_more": true, "data": [line.clone(), line.clone()] } });
        let read = items(&listed);
        assert_eq!((read.len(), read[2].amount, &read[2].product), (3, 3_000, &None));
        let many = vec![line; 150];
        let read = items(&json!({ "subtotal": 150_000, "lines": { "data": many } }));
        assert_eq!((read.len(), read[100].amount), (MOST_ITEMS + 1, 50_000));
    }
}

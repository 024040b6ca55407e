//! Compares what is unpaid, balances and payouts with the entries, an affiliate at a time.

use domain::ids::{AffiliateId, ProgramId};

use super::unpaid::payable_from;
use crate::db::{Conn, Result, args};

/// What of an affiliate does not follow from the entries, a phrase each.
pub async fn affiliate(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Vec<String>> {
    let unpaid = concat!(
        "SELECT source_id FROM (\
         SELECT source_id, currency, amount, payable_from FROM unpaid_commissions WHERE affiliate_id = $1 UNION ALL \
         SELECT coalesce(e.conversion_id, e.id), e.currency, -e.amount, ",
        payable_from!(),
        " FROM entries e LEFT JOIN conversions c ON c.id = e.conversion_id \
         WHERE e.affiliate_id = $1 AND e.payout_id IS NULL) AS compared \
         GROUP BY source_id, currency, payable_from HAVING sum(amount) <> 0 ORDER BY 1 LIMIT 20"
    );
    let payouts = "SELECT id FROM (\
         SELECT id, amount, entries FROM payouts WHERE affiliate_id = $1 AND status IN ('open', 'paid') UNION ALL \
         SELECT payout_id, -amount, -1 FROM entries WHERE affiliate_id = $1 AND payout_id IS NOT NULL) AS compared \
         GROUP BY id HAVING sum(amount) <> 0 OR sum(entries) <> 0 ORDER BY 1 LIMIT 20";
    let balances = "SELECT currency FROM (\
         SELECT currency, earned, released, in_payout, paid FROM balances WHERE owner_id = $1 UNION ALL \
         SELECT currency, -amount, 0, 0, 0 FROM entries WHERE affiliate_id = $1 UNION ALL \
         SELECT currency, 0, -amount, 0, 0 FROM unpaid_commissions WHERE affiliate_id = $1 AND released = TRUE UNION ALL \
         SELECT currency, 0, 0, CASE WHEN status = 'open' THEN -amount ELSE 0 END, \
         CASE WHEN status = 'paid' THEN -amount ELSE 0 END FROM payouts WHERE affiliate_id = $1) AS compared \
         GROUP BY currency HAVING sum(earned) <> 0 OR sum(released) <> 0 OR sum(in_payout) <> 0 OR sum(paid) <> 0 LIMIT 20";
    let mut wrong = Vec::new();
    for source in conn.all(unpaid, &args![affiliate], |row| row.get::<String>("source_id")).await? {
        wrong.push(format!("what is unpaid of {source}"));
    }
    for payout in conn.all(payouts, &args![affiliate], |row| row.get::<String>("id")).await? {
        wrong.push(format!("payout {payout}"));
    }
    for currency in conn.all(balances, &args![affiliate], |row| row.get::<String>("currency")).await? {
        wrong.push(format!("the balance of {affiliate} in {currency}"));
    }
    Ok(wrong)
}

/// Balances of a program that are not the sum of its affiliates' balances.
pub async fn program(conn: &mut Conn, program: &ProgramId) -> Result<Vec<String>> {
    let sql = "SELECT currency FROM (\
         SELECT currency, earned, released, in_payout, paid FROM balances WHERE owner_id = $1 UNION ALL \
         SELECT currency, -earned, -released, -in_payout, -paid FROM balances WHERE program_id = $1) AS compared \
         GROUP BY currency HAVING sum(earned) <> 0 OR sum(released) <> 0 OR sum(in_payout) <> 0 OR sum(paid) <> 0 LIMIT 20";
    let wrong = conn.all(sql, &args![program], |row| row.get::<String>("currency")).await?;
    Ok(wrong.into_iter().map(|currency| format!("the balance of {program} in {currency}")).collect())
}

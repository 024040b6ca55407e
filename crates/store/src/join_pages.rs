//! The public pages of programs, where people apply.

use domain::ids::{FileId, ProgramId};
use domain::join_pages::{Introduction, JoinPage};
use domain::questions::Questions;

use crate::db::{Conn, DbError, Result, Row, args, json};

fn join_page(row: &Row) -> Result<JoinPage> {
    let color: Option<String> = row.get("color")?;
    let color = color.map(|color| color.parse()).transpose();
    let introduction: String = row.get("introduction")?;
    Ok(JoinPage {
        is_on: row.get("is_on")?,
        color: color.map_err(|error| DbError::inconsistent("join_pages.color", error))?,
        introduction: Introduction::parse(&introduction)
            .map_err(|error| DbError::inconsistent("join_pages.introduction", error))?,
    })
}

/// A program's page; one that is off when it was never set.
pub async fn get(conn: &mut Conn, program: &ProgramId) -> Result<JoinPage> {
    let sql = "SELECT * FROM join_pages WHERE program_id = $1";
    Ok(conn.first(sql, &args![program], join_page).await?.unwrap_or_default())
}

/// A program's page and its questions to applicants.
pub async fn with_questions(conn: &mut Conn, program: &ProgramId) -> Result<(JoinPage, Questions)> {
    let sql = "SELECT * FROM join_pages WHERE program_id = $1";
    let both = |row: &Row| Ok((join_page(row)?, row.json("questions")?));
    Ok(conn.first(sql, &args![program], both).await?.unwrap_or_default())
}

/// A program's logo.
pub async fn logo(conn: &mut Conn, program: &ProgramId) -> Result<Option<FileId>> {
    let sql = "SELECT logo_id FROM join_pages WHERE program_id = $1";
    Ok(conn.first(sql, &args![program], |row| row.get("logo_id")).await?.flatten())
}

/// Sets a program's logo, or removes it. A page that was never set stays off.
pub async fn put_logo(conn: &mut Conn, program: &ProgramId, logo: Option<&FileId>) -> Result<()> {
    let sql = "INSERT INTO join_pages (program_id, is_on, introduction, logo_id) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (program_id) DO UPDATE SET logo_id = $4";
    conn.run_one(sql, &args![program, false, "", logo]).await
}

/// Sets a program's questions to applicants. A page that was never set stays off.
pub async fn put_questions(conn: &mut Conn, program: &ProgramId, questions: &Questions) -> Result<()> {
    let sql = "INSERT INTO join_pages (program_id, is_on, introduction, questions) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (program_id) DO UPDATE SET questions = $4";
    let questions = json("join_pages.questions", questions)?;
    conn.run_one(sql, &args![program, false, "", questions]).await
}

/// Sets a program's page.
pub async fn put(conn: &mut Conn, program: &ProgramId, page: &JoinPage) -> Result<()> {
    let sql = "INSERT INTO join_pages (program_id, is_on, color, introduction) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (program_id) DO UPDATE SET is_on = $2, color = $3, introduction = $4";
    let color = page.color.map(|color| color.to_string());
    conn.run_one(sql, &args![program, page.is_on, color, page.introduction.as_str()]).await
}

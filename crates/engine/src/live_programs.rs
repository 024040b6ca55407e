//! The programs that open pages show, and who is told about each.

use std::collections::HashMap;
use std::sync::Mutex;

use domain::ids::ProgramId;
use store::programs::Newest;
use tokio::sync::watch;

use crate::error::{Error, Result};

/// Pages that are told at once; others show what was true when they were opened.
const MOST_PAGES: usize = 1_000;

/// The programs that open pages show.
#[derive(Default)]
pub(crate) struct LivePrograms(Mutex<HashMap<ProgramId, watch::Sender<Newest>>>);

impl LivePrograms {
    /// Joins those who are told about a program, or starts asking with a first state.
    pub(crate) fn join(
        &self,
        program: &ProgramId,
        now: Newest,
    ) -> Result<(watch::Receiver<Newest>, Option<watch::Sender<Newest>>)> {
        let mut programs = self.0.lock().expect("no holder of this lock panics");
        if programs.values().map(watch::Sender::receiver_count).sum::<usize>() >= MOST_PAGES {
            return Err(Error::Unavailable);
        }
        if let Some(known) = programs.get(program) {
            return Ok((known.subscribe(), None));
        }
        let (sender, receiver) = watch::channel(now);
        programs.insert(program.clone(), sender.clone());
        Ok((receiver, Some(sender)))
    }

    /// Whether the last page of a program is gone; nobody is told about it any more then.
    pub(crate) fn is_left(&self, program: &ProgramId, sender: &watch::Sender<Newest>) -> bool {
        let mut programs = self.0.lock().expect("no holder of this lock panics");
        let is_left = sender.receiver_count() == 0;
        if is_left {
            programs.remove(program);
        }
        is_left
    }
}

#[cfg(test)]
mod tests {
    use domain::clock::{Random, Timestamp};

    use super::*;

    fn nothing() -> Newest {
        Newest { entry: None, payment: None, application: None }
    }

    #[test]
    fn one_asks_for_all_pages_of_a_program_until_the_last_is_gone() {
        let programs = LivePrograms::default();
        let id = ProgramId::new(Timestamp(0), &Random::seeded(1));
        let (first, sender) = programs.join(&id, nothing()).unwrap();
        let sender = sender.expect("the first page starts asking");
        let (second, none) = programs.join(&id, nothing()).unwrap();
        assert!(none.is_none());
        drop(first);
        assert!(!programs.is_left(&id, &sender));
        drop(second);
        assert!(programs.is_left(&id, &sender));
        assert!(programs.join(&id, nothing()).unwrap().1.is_some(), "the next page starts again");
    }

    #[test]
    fn the_number_of_pages_is_limited() {
        let programs = LivePrograms::default();
        let id = ProgramId::new(Timestamp(0), &Random::seeded(1));
        let open: Vec<_> = (0..MOST_PAGES).map(|_| programs.join(&id, nothing()).unwrap()).collect();
        assert!(matches!(programs.join(&id, nothing()), Err(Error::Unavailable)));
        drop(open);
        assert!(programs.join(&id, nothing()).is_ok());
    }
}

//! The organisation's turn: one plan is applied at a time, and the others wait for it.
//!
//! Who wants the turn says so first (a `WAIT` item) and then takes it; who is done gives it back first and then
//! looks who waits. Whatever the order in which the two happen, either the one who wants it gets it, or the one
//! who is done sees it waiting. The one that waits longest is woken first; a plan that is approved at that very moment
//! can be quicker.

use wire::UploadId;

use crate::table::{Key, WriteOutcome, condition, n, needed, number, s};
use crate::{Cloud, Error};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Mine,
    /// Another upload's; the one that asked has left word and is woken when the turn is given back.
    Another,
}

/// An approved upload that waits for the turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub upload: UploadId,
    approved_at: u64,
}

impl Cloud {
    /// Takes the turn for `id`, or leaves word that it waits.
    pub async fn take_turn(&self, id: &UploadId, approved_at: u64) -> Result<Turn, Error> {
        let wait = Key::wait(approved_at, id);
        let word = [("upload".to_owned(), s(&id.0)), ("approved_at".to_owned(), n(approved_at))];
        self.put_item(&wait, word.into()).await?;
        let item = Key::turn().item().into_iter().chain([("holder".to_owned(), s(&id.0))]).collect();
        let request = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let request = request.condition_expression("attribute_not_exists(pk) OR holder = :me");
        let wrote = condition(request.expression_attribute_values(":me", s(&id.0)).send().await)?;
        if wrote == WriteOutcome::Written {
            self.delete_item(&wait).await?;
            return Ok(Turn::Mine);
        }
        Ok(Turn::Another)
    }

    /// The upload that is being applied.
    pub async fn turn_holder(&self) -> Result<Option<UploadId>, Error> {
        let Some(item) = self.get_item(&Key::turn()).await? else { return Ok(None) };
        Ok(Some(UploadId(needed(&item, "holder")?.to_owned())))
    }

    /// Gives the turn back, if `id` has it. Whoever does must then look who waits, also where it was given back
    /// before, for nobody may have looked.
    pub async fn give_turn_back(&self, id: &UploadId) -> Result<(), Error> {
        let request = self.dynamo.delete_item().table_name(&self.table).set_key(Some(Key::turn().item()));
        let request = request.condition_expression("holder = :me").expression_attribute_values(":me", s(&id.0));
        let (WriteOutcome::Written | WriteOutcome::ConditionFailed) = condition(request.send().await)?;
        Ok(())
    }

    /// The approved uploads that wait for the turn, oldest approval first.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        let answer = self
            .dynamo
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :wait)")
            .expression_attribute_values(":pk", s("TURN"))
            .expression_attribute_values(":wait", s("WAIT#"))
            .send()
            .await?;
        let waiting = answer.items().iter().map(|item| {
            let approved_at = number(item, "approved_at").unwrap_or_default();
            Ok(Waiting { upload: UploadId(needed(item, "upload")?.to_owned()), approved_at })
        });
        waiting.collect()
    }

    /// Takes back the word that an upload waits.
    pub async fn stop_waiting(&self, waiting: &Waiting) -> Result<(), Error> {
        self.delete_item(&Key::wait(waiting.approved_at, &waiting.upload)).await
    }
}

//! The organisation's turn: one plan is applied at a time, and the others wait for it.
//!
//! Who wants the turn says so first (a `WAIT` item) and then takes it; who is done gives it back first and then
//! looks who waits. Whatever the order in which the two happen, either the one who wants it gets it, or the one
//! who is done sees it waiting.

use wire::UploadId;

use crate::table::{Key, Wrote, condition, needed, s};
use crate::{Cloud, Error};

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Mine,
    /// Another upload's; the one that asked has left word and is woken when the turn is given back.
    Another,
}

impl Cloud {
    /// Takes the turn for `id`, or leaves word that it waits.
    pub async fn take_turn(&self, id: &UploadId, approved_at: u64) -> Result<Turn, Error> {
        let wait = Key::wait(approved_at, id);
        self.put_item(&wait, [("upload".to_owned(), s(&id.0))].into()).await?;
        let item = Key::turn().item().into_iter().chain([("holder".to_owned(), s(&id.0))]).collect();
        let request = self.dynamo.put_item().table_name(&self.table).set_item(Some(item));
        let request = request.condition_expression("attribute_not_exists(pk) OR holder = :me");
        let wrote = condition(request.expression_attribute_values(":me", s(&id.0)).send().await)?;
        if wrote == Wrote::Yes {
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

    /// Gives the turn back, if `id` has it, and says who waits longest.
    pub async fn give_turn_back(&self, id: &UploadId) -> Result<Option<UploadId>, Error> {
        let request = self.dynamo.delete_item().table_name(&self.table).set_key(Some(Key::turn().item()));
        let request = request.condition_expression("holder = :me").expression_attribute_values(":me", s(&id.0));
        // Where it was not ours, it was given back before; who waits may not have been woken yet.
        let (Wrote::Yes | Wrote::No) = condition(request.send().await)?;
        Ok(self.waiting().await?.into_iter().next())
    }

    /// The approved uploads that wait for the turn, oldest approval first.
    pub async fn waiting(&self) -> Result<Vec<UploadId>, Error> {
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
        answer.items().iter().map(|item| Ok(UploadId(needed(item, "upload")?.to_owned()))).collect()
    }

    /// Takes back the word that `id` waits.
    pub async fn stop_waiting(&self, id: &UploadId, approved_at: u64) -> Result<(), Error> {
        self.delete_item(&Key::wait(approved_at, id)).await
    }
}

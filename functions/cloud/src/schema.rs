//! The table as it is made where no template makes it.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableStatus, TimeToLiveSpecification,
};

use wire::attribute::Attribute;

use crate::table::{BY_EMAIL, BY_SCHOOL};
use crate::{Cloud, Error};

impl Cloud {
    /// Makes the table where there is none, and waits until it can be used.
    ///
    /// For the local system and tests: deployed, the template makes it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where the table does not answer.
    pub async fn table_create(&self) -> Result<(), Error> {
        let attribute = |name: &str| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
        };
        let key = |name: &str, kind: KeyType| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
        let projection = Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(Attribute::in_index().map(|attribute| attribute.name().to_owned()).collect()))
            .build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(BY_SCHOOL)
            .key_schema(key("gsi_pk", KeyType::Hash)?)
            .key_schema(key("gsi_sk", KeyType::Range)?)
            .projection(projection)
            .build()?;
        let by_email = GlobalSecondaryIndex::builder()
            .index_name(BY_EMAIL)
            .key_schema(key("email_key", KeyType::Hash)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()?;
        let created = self
            .dynamo
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("pk")?)
            .attribute_definitions(attribute("sk")?)
            .attribute_definitions(attribute("gsi_pk")?)
            .attribute_definitions(attribute("gsi_sk")?)
            .attribute_definitions(attribute("email_key")?)
            .key_schema(key("pk", KeyType::Hash)?)
            .key_schema(key("sk", KeyType::Range)?)
            .global_secondary_indexes(index)
            .global_secondary_indexes(by_email)
            .send()
            .await;
        match created.map_err(Error::from) {
            Err(error) if error.code() != Some("ResourceInUseException") => return Err(error),
            _ => self.wait_for_table().await?,
        }
        self.let_items_expire().await
    }

    async fn wait_for_table(&self) -> Result<(), Error> {
        for _ in 0..600 {
            let answer = self.dynamo.describe_table().table_name(&self.table).send().await?;
            if answer.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::Request { code: None, message: "the table did not become active within a minute".to_owned() })
    }

    async fn let_items_expire(&self) -> Result<(), Error> {
        let said = self.dynamo.describe_time_to_live().table_name(&self.table).send().await?;
        if said.time_to_live_description.is_some_and(|ttl| ttl.attribute_name.is_some()) {
            return Ok(());
        }
        let specification = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true).build()?;
        let request = self.dynamo.update_time_to_live().table_name(&self.table);
        request.time_to_live_specification(specification).send().await?;
        Ok(())
    }
}

//! What the table takes for as many items without any of Rollbook's work: the measure for everything else.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use futures::{StreamExt, TryStreamExt, stream};
use local::System;

use super::items;
use build::problem::ProblemText;

const TABLE: &str = "baseline";
const PARTITIONS: u32 = 64;
const SIDE_BY_SIDE: usize = 8;

/// How long it took.
pub struct Baseline {
    pub writing: Duration,
    pub reading: Duration,
}

/// Writes `count` items of the size of a user with BatchWriteItem, and reads them back with Query.
pub async fn measure(system: &System, count: u32) -> Result<Baseline, ProblemText> {
    let client = system.cloud().dynamo;
    create_table(&client).await?;
    let since = Instant::now();
    let numbers: Vec<u32> = (0..count).collect();
    items::write(&client, TABLE, &numbers, |number| item(*number)).await?;
    let writing = since.elapsed();
    let since = Instant::now();
    let partitions = (0..PARTITIONS).map(|partition| read(&client, partition));
    let read: Vec<usize> = stream::iter(partitions).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    let reading = since.elapsed();
    if read.iter().sum::<usize>() == numbers.len() {
        Ok(Baseline { writing, reading })
    } else {
        Err(failed(&"not every item came back"))
    }
}

async fn create_table(client: &Client) -> Result<(), ProblemText> {
    let mut request = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        request = request.attribute_definitions(attribute.build().map_err(|error| failed(&error))?);
        request = request.key_schema(key.build().map_err(|error| failed(&error))?);
    }
    request.send().await.map_err(|error| failed(&error.into_service_error()))?;
    Ok(())
}

async fn read(client: &Client, partition: u32) -> Result<usize, ProblemText> {
    let pages = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(partition_key(partition)))
        .into_paginator()
        .send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.map_err(|error| failed(&error.into_service_error()))?;
    Ok(pages.iter().map(|page| page.items().len()).sum())
}

fn item(number: u32) -> HashMap<String, AttributeValue> {
    let text = |text: String| AttributeValue::S(text);
    HashMap::from([
        ("pk".to_owned(), text(partition_key(number % PARTITIONS))),
        ("sk".to_owned(), text(format!("C#{number:08}"))),
        // A user has about so much to it.
        ("fields".to_owned(), text("x".repeat(600))),
        ("version".to_owned(), AttributeValue::N("1".to_owned())),
    ])
}

fn partition_key(partition: u32) -> String {
    format!("USER#{partition:02}")
}

fn failed(error: &dyn std::fmt::Display) -> ProblemText {
    ProblemText::new(format!("The table could not be measured: {error}"))
}

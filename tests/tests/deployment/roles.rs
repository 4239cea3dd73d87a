//! What the role of each function lets it do in the bucket, with the indexes and with other services, tried call by call.

use local::FunctionKind;
use serde_json::{Value, json};
use tests::deployed::{Deployed, aws, try_aws_as};

/// What a function may do with the objects below a folder: `r`ead, `w`rite, `d`elete.
const FOLDERS: [(&str, [&str; 4]); 8] = [
    // validate, apply, api, notices
    ("inbox/", ["rd", "", "w", ""]),
    ("approvals/", ["w", "wd", "w", ""]),
    ("chunks/", ["", "wd", "", ""]),
    ("uploads/", ["rwd", "rwd", "rd", ""]),
    ("credentials/", ["rwd", "w", "rw", ""]),
    ("downloads/", ["d", "", "rw", ""]),
    ("feeds/", ["", "rwd", "", ""]),
    ("elsewhere/", ["", "", "", ""]),
];

/// The indexes of the table that a function may ask.
const INDEXES: [(&str, [bool; 4]); 2] =
    [("by_school", [true, true, true, false]), ("by_email", [false, false, true, false])];

#[tokio::test]
async fn no_role_reaches_another_folder_index_or_service() {
    let deployed = Deployed::start().await;
    for (i, kind) in FunctionKind::ALL.into_iter().enumerate() {
        let role = Role::of(&deployed, kind);
        for (folder, rights) in FOLDERS {
            assert_eq!(role.rights_in(folder), rights[i], "{} in {folder}", kind.name());
        }
        for (index, allowed) in INDEXES {
            assert_eq!(role.may_query(index), allowed[i], "{} asks {index}", kind.name());
        }
        for what in role.never() {
            assert!(!role.may(&what), "{} may: {}", kind.name(), what.join(" "));
        }
    }
}

/// Somebody who has taken over a function.
struct Role {
    keys: [(&'static str, String); 3],
    table: String,
    bucket: String,
    /// A question in PartiQL.
    statement: String,
}

impl Role {
    /// Takes the role of a function, which the account's root first lets itself do.
    fn of(deployed: &Deployed, kind: FunctionKind) -> Role {
        let function = aws(&["lambda", "get-function", "--function-name", &deployed.function(kind)]);
        let arn = function["Configuration"]["Role"].as_str().expect("a role").to_owned();
        let name = arn.rsplit('/').next().expect("a name");
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole" },
        ]});
        let trust = trust.to_string();
        aws(&["iam", "update-assume-role-policy", "--role-name", name, "--policy-document", &trust]);
        let session = aws(&["sts", "assume-role", "--role-arn", &arn, "--role-session-name", "probe"]);
        let key = |name: &str| session["Credentials"][name].as_str().expect("a key").to_owned();
        Role {
            keys: [
                ("AWS_ACCESS_KEY_ID", key("AccessKeyId")),
                ("AWS_SECRET_ACCESS_KEY", key("SecretAccessKey")),
                ("AWS_SESSION_TOKEN", key("SessionToken")),
            ],
            statement: format!("SELECT * FROM \"{}\" WHERE pk = 'x'", deployed.cloud().table),
            table: deployed.cloud().table,
            bucket: deployed.cloud().bucket,
        }
    }

    /// Whether a call is allowed, whatever becomes of it then.
    fn may(&self, call: &[&str]) -> bool {
        match try_aws_as(call, &self.keys) {
            Ok(_) => true,
            Err(said) => !said.contains("AccessDenied"),
        }
    }

    fn rights_in(&self, folder: &str) -> String {
        let key = format!("{folder}probe");
        let on = |call: &'static str| ["s3api", call, "--bucket", &self.bucket, "--key", &key].map(str::to_owned);
        let read = [&on("get-object")[..], &["/dev/null".to_owned()]].concat();
        let calls = [("r", read), ("w", on("put-object").into()), ("d", on("delete-object").into())];
        let allowed = calls.into_iter().filter(|(_, call)| {
            let call: Vec<&str> = call.iter().map(String::as_str).collect();
            self.may(&call)
        });
        allowed.map(|(letter, _)| letter).collect()
    }

    fn may_query(&self, index: &str) -> bool {
        let described = aws(&["dynamodb", "describe-table", "--table-name", &self.table]);
        let indexes = described["Table"]["GlobalSecondaryIndexes"].as_array().expect("indexes").clone();
        let of_name = indexes.into_iter().find(|described| described["IndexName"] == index).expect("the index");
        let hash = |key: &&Value| key["KeyType"] == "HASH";
        let attribute = of_name["KeySchema"].as_array().expect("a key").iter().find(hash).expect("a hash key").clone();
        let values = json!({ ":value": { "S": "x" } }).to_string();
        let names = json!({ "#name": attribute["AttributeName"] }).to_string();
        self.may(
            &[
                &["dynamodb", "query", "--table-name", &self.table, "--index-name", index][..],
                &["--key-condition-expression", "#name = :value", "--expression-attribute-names", &names],
                &["--expression-attribute-values", &values],
            ]
            .concat(),
        )
    }

    /// Calls that no function may make.
    fn never(&self) -> Vec<Vec<&str>> {
        vec![
            vec!["dynamodb", "scan", "--table-name", &self.table],
            vec!["dynamodb", "execute-statement", "--statement", &self.statement],
            vec!["dynamodb", "delete-table", "--table-name", &self.table],
            vec!["dynamodb", "create-backup", "--table-name", &self.table, "--backup-name", "probe"],
            vec!["dynamodb", "describe-continuous-backups", "--table-name", &self.table],
            vec!["s3api", "put-bucket-policy", "--bucket", &self.bucket, "--policy", "{}"],
            vec!["s3api", "delete-bucket", "--bucket", &self.bucket],
            vec!["s3api", "list-buckets"],
            vec!["lambda", "list-functions"],
            vec!["iam", "list-roles"],
            vec!["kms", "list-keys"],
            vec!["sqs", "list-queues"],
            vec!["logs", "describe-log-groups"],
        ]
    }
}

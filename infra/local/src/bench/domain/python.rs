//! The DuckDB that figures are compared with.

use build::python::{Environment, Installer};

/// A Python that has the DuckDB of this version.
pub const DUCKDB: Environment = Environment { name: "duckdb", packages: &["duckdb==1.4.5"], installer: Installer::Pip };

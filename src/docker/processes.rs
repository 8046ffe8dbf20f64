//! The processes in a container.

use serde::Deserialize;

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error};
use super::limits;
use super::transport::limited;

/// Docker's answer: a table, each row with as many fields as there are titles.
#[derive(Deserialize)]
struct Top {
    #[serde(rename = "Titles", default)]
    titles: Vec<String>,
    #[serde(rename = "Processes", default)]
    processes: Option<Vec<Vec<String>>>,
}

impl Top {
    /// The commands; none where the table has no column of them.
    fn commands(self) -> Vec<String> {
        let column =
            self.titles.iter().position(|title| matches!(title.as_str(), "CMD" | "COMMAND" | "ARGS"));
        let rows = self.processes.unwrap_or_default();
        column.map_or_else(Vec::new, |column| {
            rows.into_iter()
                .filter_map(|mut row| (column < row.len()).then(|| row.swap_remove(column)))
                .collect()
        })
    }
}

impl Docker {
    /// The commands of its processes, as `ps` has them: the name, then the arguments.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it does not run, or as any call. A daemon whose machine has no `ps`
    /// refuses.
    pub async fn commands(&self, id: &str) -> Result<Vec<String>, Error> {
        let about = About::Container(id);
        let path = format!("/containers/{}/top", segment(id, about)?);
        let top: Top = limited(limits::CALL, &about.words(), self.inner.transport.get(&path, about)).await?;
        Ok(top.commands())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(json: &str) -> Vec<String> {
        serde_json::from_str::<Top>(json).unwrap().commands()
    }

    #[test]
    fn the_column_of_commands_is_found_by_its_title() {
        let top = r#"{"Titles":["UID","PID","CMD"],"Processes":[["root","1","mc-server-runner -- java"],["root","2"]]}"#;
        assert_eq!(commands(top), ["mc-server-runner -- java"]);
        let podman = r#"{"Titles":["USER","PID","COMMAND"],"Processes":[["0","1","sh -c true"]]}"#;
        assert_eq!(commands(podman), ["sh -c true"]);
    }

    #[test]
    fn a_table_without_it_has_none() {
        assert!(commands(r#"{"Titles":["PID"],"Processes":[["1"]]}"#).is_empty());
        assert!(commands(r#"{"Processes":null}"#).is_empty());
        assert!(commands("{}").is_empty());
    }
}

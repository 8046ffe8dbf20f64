//! What happens to containers, as it happens.

use std::collections::BTreeMap;

use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;

use super::connect::Docker;
use super::error::{About, Error};
use super::inspect::nullable;
use super::json_lines::JsonLines;
use super::logs::seconds;
use super::transport::{Call, query};
use super::types::{ContainerEvent, Health, What};

/// Events of containers. Podman calls some of them by other names, so it is asked for all.
const CONTAINERS: &str = r#"{"type":["container"]}"#;
/// Those that are of use: each health check of each container is three events more, which would be sent for nothing.
const WANTED: &str = concat!(
    r#"{"type":["container"],"event":["create","start","die","oom","stop","kill","pause","unpause","restart","#,
    r#""rename","destroy","update","health_status"]}"#
);

impl Docker {
    /// The events of all containers, from `since` on (that time included) or from now on. What runs inside a container
    /// (`exec_…`, health checks every few seconds) is left out. The stream is open when this returns, so an inspection
    /// afterwards misses nothing. It ends only when the engine ends; dropping it ends its connection.
    ///
    /// # Errors
    /// The engine cannot be reached; within the stream, [`Error::Interrupted`] when the connection is lost.
    pub async fn events(
        &self,
        since: Option<Timestamp>,
    ) -> Result<impl Stream<Item = Result<ContainerEvent, Error>> + Send + use<>, Error> {
        let since_text = since.map(|at| seconds(at, self.inner.podman));
        let mut pairs = vec![("filters", if self.inner.podman { CONTAINERS } else { WANTED })];
        if let Some(since) = &since_text {
            pairs.push(("since", since));
        }
        let path = format!("/events{}", query(&pairs));
        let reply = self.inner.transport.open(Call::get(&path, About::Engine)).await?;
        let lines = JsonLines::new(reply, "the events".to_owned());
        Ok(stream::unfold(Some(lines), move |lines| async move {
            let mut lines = lines?;
            loop {
                match lines.next::<Message>().await {
                    Ok(Some(message)) => {
                        let event = message.into_event();
                        if let Some(event) = event.filter(|event| since.is_none_or(|at| event.at >= at)) {
                            return Some((Ok(event), Some(lines)));
                        }
                    }
                    Ok(None) => return None,
                    Err(error) => return Some((Err(error), None)),
                }
            }
        }))
    }
}

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "Type", default, deserialize_with = "nullable")]
    kind: String,
    #[serde(rename = "Action", default, deserialize_with = "nullable")]
    action: String,
    #[serde(rename = "Actor", default, deserialize_with = "nullable")]
    actor: Actor,
    #[serde(default)]
    time: i64,
    #[serde(rename = "timeNano", default)]
    time_nano: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Actor {
    #[serde(rename = "ID", deserialize_with = "nullable")]
    id: String,
    #[serde(rename = "Attributes", deserialize_with = "nullable")]
    attributes: BTreeMap<String, String>,
}

impl Message {
    /// `None` for what is of no interest: other things than containers (Podman sends them whatever the filter says), and
    /// what goes on inside one.
    fn into_event(self) -> Option<ContainerEvent> {
        if self.kind != "container" || self.actor.id.is_empty() || self.action.starts_with("exec_") {
            return None;
        }
        let at = if self.time_nano > 0 {
            Timestamp::from_nanosecond(i128::from(self.time_nano)).ok()
        } else {
            Timestamp::from_second(self.time).ok()
        };
        let what = what(&self.action, &self.actor.attributes);
        Some(ContainerEvent { container: self.actor.id, at: at?, what })
    }
}

fn what(action: &str, attributes: &BTreeMap<String, String>) -> What {
    let attribute = |name: &str| attributes.get(name).map(String::as_str).unwrap_or_default();
    match action {
        "create" => What::Create,
        "start" => What::Start,
        // Podman has words of its own.
        "die" | "died" => {
            let code = ["exitCode", "containerExitCode"].map(attribute);
            let code = code.iter().find_map(|code| code.parse().ok());
            What::Die { exit_code: code.unwrap_or(-1) }
        }
        "oom" => What::Oom,
        "stop" => What::Stop,
        "kill" => What::Kill,
        "pause" => What::Pause,
        "unpause" => What::Unpause,
        "restart" => What::Restart,
        "rename" => What::Rename { name: attribute("name").trim_start_matches('/').to_owned() },
        "destroy" | "remove" => What::Destroy,
        "update" => What::Update,
        _ => match action.strip_prefix("health_status") {
            Some(rest) => {
                let word = rest.trim_start_matches(':').trim();
                let word = if word.is_empty() { attribute("health_status") } else { word };
                Health::parse(word).map_or(What::Other, What::Health)
            }
            None => What::Other,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_what_is_understood() {
        let wanted: serde_json::Value = serde_json::from_str(WANTED).unwrap();
        for name in wanted["event"].as_array().unwrap() {
            let name = name.as_str().unwrap();
            let said = if name == "health_status" { "health_status: healthy" } else { name };
            assert_ne!(action(said, r#"{"exitCode":"0","name":"a"}"#), What::Other, "{name}");
        }
    }

    fn event(json: &str) -> Option<ContainerEvent> {
        serde_json::from_str::<Message>(json).unwrap().into_event()
    }

    fn action(action: &str, attributes: &str) -> What {
        let json = format!(
            r#"{{"Type":"container","Action":"{action}","Actor":{{"ID":"abc","Attributes":{attributes}}},"time":1,"timeNano":1000000002}}"#
        );
        event(&json).unwrap().what
    }

    #[test]
    fn the_words_of_docker_and_podman_are_read() {
        assert_eq!(action("die", r#"{"exitCode":"137"}"#), What::Die { exit_code: 137 });
        assert_eq!(action("died", r#"{"containerExitCode":"3"}"#), What::Die { exit_code: 3 });
        assert_eq!(action("die", "null"), What::Die { exit_code: -1 });
        assert_eq!(action("health_status: unhealthy", "{}"), What::Health(Health::Unhealthy));
        assert_eq!(action("health_status", r#"{"health_status":"healthy"}"#), What::Health(Health::Healthy));
        assert_eq!(action("health_status: running", "{}"), What::Other);
        assert_eq!(
            action("rename", r#"{"name":"new","oldName":"/old"}"#),
            What::Rename { name: "new".into() }
        );
        assert_eq!(action("remove", "{}"), What::Destroy);
        assert_eq!(action("attach", "{}"), What::Other);
    }

    #[test]
    fn the_time_is_exact() {
        let json = r#"{"Type":"container","Action":"start","Actor":{"ID":"abc"},"time":1767323045,"timeNano":1767323045000000009}"#;
        assert_eq!(event(json).unwrap().at.as_nanosecond(), 1_767_323_045_000_000_009);
    }

    #[test]
    fn what_is_not_about_a_container_or_goes_on_inside_is_left_out() {
        for json in [
            r#"{"Type":"system","Action":"refresh","Actor":{"ID":""},"time":1}"#,
            r#"{"Type":"network","Action":"connect","Actor":{"ID":"abc"},"time":1}"#,
            r#"{"Type":"container","Action":"exec_create: mc-health","Actor":{"ID":"abc"},"time":1}"#,
            r#"{"Type":"container","Action":"start","Actor":{"ID":""},"time":1}"#,
            r#"{}"#,
        ] {
            assert_eq!(event(json), None, "{json}");
        }
    }
}

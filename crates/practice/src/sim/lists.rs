//! ops, whitelist and bans, with their JSON files.

use super::feedback::{Feedback, Source};
use super::{Context, Server};
use crate::ping::quote;
use crate::rng::uuid;

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The values of `"name"` in a JSON file that this program or the image wrote. Not a JSON reader.
fn names_in(text: &str) -> Vec<String> {
    let parts = text.split("\"name\"").skip(1);
    let values = parts.filter_map(|part| part.split('"').nth(1));
    values.map(str::to_owned).collect()
}

impl Server {
    pub(super) fn load_lists(&mut self, cx: &mut Context<'_>) {
        let read = |cx: &Context<'_>, path: &str| {
            let text = cx.disk.read(path).unwrap_or_default();
            names_in(&String::from_utf8_lossy(&text))
        };
        self.ops = read(cx, "ops.json");
        self.whitelist = read(cx, "whitelist.json");
        self.whitelist_on = self.properties.truth("white-list");
        let reason = || "Banned by an operator.".to_owned();
        self.bans = read(cx, "banned-players.json").into_iter().map(|name| (name, reason())).collect();
    }

    fn write_list(&self, cx: &mut Context<'_>, path: &str, names: &[String], more: &str) {
        let online = self.properties.truth("online-mode");
        let text = list_json(names, online, more);
        // A full disk leaves the list as it was; the game only logs that, too.
        let _ = cx.disk.write(path, text.as_bytes());
    }

    fn save_ops(&self, cx: &mut Context<'_>) {
        self.write_list(cx, "ops.json", &self.ops, ",\"level\":4,\"bypassesPlayerLimit\":false");
    }

    fn save_bans(&self, cx: &mut Context<'_>) {
        let names: Vec<String> = self.bans.iter().map(|(name, _)| name.clone()).collect();
        let more = ",\"source\":\"Server\",\"expires\":\"forever\",\"reason\":\"Banned by an operator.\"";
        self.write_list(cx, "banned-players.json", &names, more);
    }

    pub(super) fn op(&mut self, cx: &mut Context<'_>, feedback: &mut Feedback, name: &str) {
        if has(&self.ops, name) {
            return feedback.fail("Nothing changed. The player already is an operator");
        }
        self.ops.push(name.to_owned());
        self.save_ops(cx);
        feedback.announce(format!("Made {name} a server operator"));
    }

    pub(super) fn deop(&mut self, cx: &mut Context<'_>, feedback: &mut Feedback, name: &str) {
        if !has(&self.ops, name) {
            return feedback.fail("Nothing changed. The player is not an operator");
        }
        self.ops.retain(|other| !other.eq_ignore_ascii_case(name));
        self.save_ops(cx);
        feedback.announce(format!("Made {name} no longer a server operator"));
    }

    /// `whitelist …`. `false`: the words make no sense.
    pub(super) fn whitelist(
        &mut self,
        cx: &mut Context<'_>,
        feedback: &mut Feedback,
        words: &[&str],
    ) -> bool {
        match words {
            ["on"] => match std::mem::replace(&mut self.whitelist_on, true) {
                true => feedback.fail("Whitelist is already turned on"),
                false => feedback.announce("Whitelist is now turned on"),
            },
            ["off"] => match std::mem::replace(&mut self.whitelist_on, false) {
                true => feedback.announce("Whitelist is now turned off"),
                false => feedback.fail("Whitelist is already turned off"),
            },
            ["add", name] if has(&self.whitelist, name) => feedback.fail("Player is already whitelisted"),
            ["add", name] => {
                self.whitelist.push((*name).to_owned());
                self.write_list(cx, "whitelist.json", &self.whitelist, "");
                feedback.announce(format!("Added {name} to the whitelist"));
            }
            ["remove", name] if !has(&self.whitelist, name) => feedback.fail("Player is not whitelisted"),
            ["remove", name] => {
                self.whitelist.retain(|other| !other.eq_ignore_ascii_case(name));
                self.write_list(cx, "whitelist.json", &self.whitelist, "");
                feedback.announce(format!("Removed {name} from the whitelist"));
            }
            ["list"] if self.whitelist.is_empty() => feedback.say("There are no whitelisted players"),
            ["list"] => {
                let count = self.whitelist.len();
                feedback
                    .say(format!("There are {count} whitelisted player(s): {}", self.whitelist.join(", ")));
            }
            ["reload"] => {
                self.load_lists(cx);
                feedback.announce("Reloaded the whitelist");
            }
            _ => return false,
        }
        self.properties.set("white-list", if self.whitelist_on { "true" } else { "false" });
        true
    }

    pub(super) fn ban(
        &mut self,
        cx: &mut Context<'_>,
        feedback: &mut Feedback,
        name: &str,
        reason: Option<String>,
    ) {
        if self.bans.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return feedback.fail("Nothing changed. The player is already banned");
        }
        let reason = reason.unwrap_or_else(|| "Banned by an operator.".to_owned());
        feedback.announce(format!("Banned {name}: {reason}"));
        self.bans.push((name.to_owned(), reason));
        self.save_bans(cx);
        self.leave(cx, name, "You are banned from this server");
    }

    pub(super) fn pardon(&mut self, cx: &mut Context<'_>, feedback: &mut Feedback, name: &str) {
        let before = self.bans.len();
        self.bans.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        if self.bans.len() == before {
            return feedback.fail("Nothing changed. The player isn't banned");
        }
        self.save_bans(cx);
        feedback.announce(format!("Unbanned {name}"));
    }

    pub(super) fn ban_ip(&mut self, feedback: &mut Feedback, address: &str) {
        if has(&self.ip_bans, address) {
            return feedback.fail("Nothing changed. That IP is already banned");
        }
        self.ip_bans.push(address.to_owned());
        feedback.announce(format!("Banned IP {address}: Banned by an operator."));
    }

    pub(super) fn pardon_ip(&mut self, feedback: &mut Feedback, address: &str) {
        if !has(&self.ip_bans, address) {
            return feedback.fail("Nothing changed. That IP isn't banned");
        }
        self.ip_bans.retain(|other| other != address);
        feedback.announce(format!("Unbanned IP {address}"));
    }

    pub(super) fn ban_list(&self, feedback: &mut Feedback, source: Source, what: Option<&str>) {
        let mut lines = Vec::new();
        if what != Some("ips") {
            let of = |(name, reason): &(String, String)| {
                format!("{name} was banned by {}: {reason}", source.name())
            };
            lines.extend(self.bans.iter().map(of));
        }
        if what != Some("players") {
            let of = |address: &String| {
                format!("{address} was banned by {}: Banned by an operator.", source.name())
            };
            lines.extend(self.ip_bans.iter().map(of));
        }
        if lines.is_empty() {
            return feedback.say("There are no bans");
        }
        feedback.say(format!("There are {} ban(s):", lines.len()));
        lines.into_iter().for_each(|line| feedback.say(line));
    }
}

/// A list file of the game.
pub(crate) fn list_json(names: &[String], online: bool, more: &str) -> String {
    let entry = |name: &String| {
        format!("  {{\"uuid\":{},\"name\":{}{more}}}", quote(&uuid(name, online)), quote(name))
    };
    let entries: Vec<String> = names.iter().map(entry).collect();
    if entries.is_empty() { "[]".to_owned() } else { format!("[\n{}\n]", entries.join(",\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_what_they_write() {
        let names = ["Steve".to_owned(), "Alex".to_owned()];
        assert_eq!(names_in(&list_json(&names, true, ",\"level\":4")), names);
        assert!(names_in("[]").is_empty());
    }
}

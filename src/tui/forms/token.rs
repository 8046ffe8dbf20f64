//! The form for a new token.

use jiff::Timestamp;

use super::{
    dialog::{BadField, Content, Dialog},
    field::Field,
    form::Form,
};
use crate::model::{Fault, Role, ServerId, TokenPlan};

/// Makes a [`TokenPlan`] out of a form.
#[derive(Clone, Debug)]
pub struct MakeToken {
    /// Servers by their names.
    pub servers: Vec<(String, ServerId)>,
    /// From when on it holds.
    pub now: Timestamp,
}

/// The form for a new token.
pub type TokenForm = Dialog<MakeToken>;

impl TokenForm {
    /// For somebody who may look.
    pub fn new(content: MakeToken) -> Self {
        let roles = Role::ALL.iter().map(|role| (role.as_str(), role.as_str()));
        let fields = vec![
            Field::text("note", "What for", "").help("The audit trail shows it, such as \"grafana\"."),
            Field::choice("role", "Role", roles, Role::Viewer.as_str())
                .help("viewer looks, operator also runs servers, admin does everything."),
            Field::list("servers", "Servers", &[]).help("The only ones that it may see; none is all."),
            Field::text("expires_at", "Expires after", "").help("Such as 12h or 90d; empty is never."),
        ];
        Self::with(Form::new("New token", "Make", fields), content)
    }
}

impl MakeToken {
    fn expires(&self, text: &str) -> Result<Option<Timestamp>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let rule = || "must be a time such as 12h or 90d, or empty".to_owned();
        let after = humantime::parse_duration(text.trim()).map_err(|_| rule())?;
        self.now.checked_add(after).map(Some).map_err(|_| "must be a time before the year 9999".to_owned())
    }

    fn named(&self, names: &[String]) -> Result<Option<Vec<ServerId>>, String> {
        let find = |name: &String| {
            let found = self.servers.iter().find(|(known, _)| known == name);
            found.map(|(_, id)| *id).ok_or_else(|| format!("there is no server {name}"))
        };
        let found = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok((!found.is_empty()).then_some(found))
    }

    fn plan(&self, form: &Form) -> Result<TokenPlan, BadField> {
        let role = form.value("role").parse().map_err(|rule: String| BadField::new("role", rule))?;
        let servers = self.named(&form.values("servers")).map_err(|rule| BadField::new("servers", rule))?;
        let expires_at =
            self.expires(&form.value("expires_at")).map_err(|rule| BadField::new("expires_at", rule))?;
        let plan = TokenPlan { role, servers, expires_at, note: form.value("note") };
        match plan.check(self.now) {
            Ok(()) => Ok(plan),
            Err(fault) => Err(bad(fault)),
        }
    }
}

fn bad(fault: Fault) -> BadField {
    BadField::from_fault(fault)
}

impl Content for MakeToken {
    type Value = TokenPlan;

    fn check(&self, form: &mut Form) {
        let problem = self.plan(form).err();
        for field in ["note", "role", "servers", "expires_at"] {
            let rule = problem.as_ref().filter(|bad| bad.field == field).map(|bad| bad.rule.clone());
            form.set_error(field, rule);
        }
        let admin = form.value("role") == Role::Admin.as_str();
        form.set_warning("role", admin.then(|| "Its holder may delete worlds and make tokens.".to_owned()));
    }

    fn value(&self, form: &Form) -> Result<TokenPlan, BadField> {
        self.plan(form)
    }
}

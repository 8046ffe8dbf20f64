//! Containers: those that are there, and what is done to them.

use std::time::Duration;

use bollard::models::ContainerUpdateBody;
use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder,
    StartContainerOptions, StopContainerOptionsBuilder,
};

use super::connect::Docker;
use super::error::{About, Error};
use super::inspect::Inspected;
use super::limits;
use super::list::Listed;
use super::plan::{Plan, Resources};
use super::transport::limited;
use super::types::{Container, Detail};

/// An id or name as it may stand in a path: what Docker itself takes. Anything else names nothing.
pub(super) fn segment<'a>(id: &'a str, about: About<'_>) -> Result<&'a str, Error> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if id.starts_with(|c: char| c.is_ascii_alphanumeric()) && id.len() <= 255 && id.chars().all(good) {
        return Ok(id);
    }
    Err(Error::NotFound { what: about.words() })
}

impl Docker {
    /// Every container, running or not.
    ///
    /// # Errors
    /// As any call: the engine cannot be reached, or does not answer in 30 s.
    pub async fn list(&self) -> Result<Vec<Container>, Error> {
        let listed: Vec<Listed> = limited(
            limits::CALL,
            "the list of containers",
            self.inner.transport.get("/containers/json?all=true", About::Engine),
        )
        .await?;
        Ok(listed.into_iter().map(Listed::into_container).collect())
    }

    /// Everything about the container of this id or name.
    ///
    /// # Errors
    /// [`Error::NotFound`], or as any call.
    pub async fn inspect(&self, id: &str) -> Result<Detail, Error> {
        let about = About::Container(id);
        let path = format!("/containers/{}/json", segment(id, about)?);
        let inspected: Inspected =
            limited(limits::CALL, &about.words(), self.inner.transport.get(&path, about)).await?;
        Ok(inspected.into_detail())
    }

    /// Makes a container, without starting it, and gives its id.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`] (pull it first), [`Error::NameTaken`], [`Error::NoSpace`], or as any call.
    pub async fn create(&self, plan: &Plan) -> Result<String, Error> {
        #[derive(serde::Deserialize)]
        struct Created {
            #[serde(rename = "Id")]
            id: String,
        }
        let about = About::Create { name: &plan.name, image: &plan.image };
        let path = format!("/containers/create?name={}", segment(&plan.name, about)?);
        // Not through the library's call: that one writes the whole body, passwords too, to the debug log.
        let created: Created =
            limited(limits::CREATE, &about.words(), self.inner.transport.post(&path, &plan.body(), about))
                .await?;
        Ok(created.id)
    }

    /// Starts it. One that runs already is fine.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::PortTaken`], or as any call.
    pub async fn start(&self, id: &str) -> Result<(), Error> {
        let about = About::Container(id);
        let id = segment(id, about)?;
        let call = self.inner.client.start_container(id, None::<StartContainerOptions>);
        self.run(limits::START, about, call).await
    }

    /// Asks its main process to end, and has it killed after `grace` (whole seconds, rounded up). One that has ended
    /// already is fine. Answers when it ended; waits for that no longer than the grace and 30 s.
    ///
    /// # Errors
    /// [`Error::NotFound`], or as any call.
    pub async fn stop(&self, id: &str, grace: Duration) -> Result<(), Error> {
        let about = About::Container(id);
        let id = segment(id, about)?;
        let seconds = grace.as_secs() + u64::from(grace.subsec_nanos() > 0);
        let options =
            StopContainerOptionsBuilder::default().t(i32::try_from(seconds).unwrap_or(i32::MAX)).build();
        let call = self.inner.client.stop_container(id, Some(options));
        self.run(grace.saturating_add(limits::STOP_EXTRA), about, call).await
    }

    /// Kills its processes at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it does not run, or as any call.
    pub async fn kill(&self, id: &str) -> Result<(), Error> {
        self.signal(id, "SIGKILL").await
    }

    /// Asks its main process to end, and does not wait for it.
    ///
    /// # Errors
    /// As [`Self::kill`].
    pub async fn terminate(&self, id: &str) -> Result<(), Error> {
        self.signal(id, "SIGTERM").await
    }

    async fn signal(&self, id: &str, signal: &str) -> Result<(), Error> {
        let about = About::Container(id);
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        let call = self.inner.client.kill_container(segment(id, about)?, Some(options));
        self.run(limits::CALL, about, call).await
    }

    /// Freezes its processes.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it does not run or is frozen, or as any call.
    pub async fn pause(&self, id: &str) -> Result<(), Error> {
        let about = About::Container(id);
        let call = self.inner.client.pause_container(segment(id, about)?);
        self.run(limits::CALL, about, call).await
    }

    /// Thaws its processes.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] when it is not frozen, or as any call.
    pub async fn unpause(&self, id: &str) -> Result<(), Error> {
        let about = About::Container(id);
        let call = self.inner.client.unpause_container(segment(id, about)?);
        self.run(limits::CALL, about, call).await
    }

    /// Gives it another name.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NameTaken`], or as any call.
    pub async fn rename(&self, id: &str, name: &str) -> Result<(), Error> {
        let about = About::Container(id);
        let id = segment(id, about)?;
        let options = RenameContainerOptionsBuilder::default().name(name).build();
        match self.run(limits::CALL, about, self.inner.client.rename_container(id, options)).await {
            Err(Error::Conflict { message }) if message.contains("already in use") => {
                Err(Error::NameTaken { name: super::error::clean(name) })
            }
            other => other,
        }
    }

    /// Removes it, never its volumes. `force` kills it first. One that is gone already is fine.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it runs and `force` is false, or as any call.
    pub async fn remove(&self, id: &str, force: bool) -> Result<(), Error> {
        let about = About::Container(id);
        let id = segment(id, about)?;
        let options = RemoveContainerOptionsBuilder::default().force(force).v(false).build();
        match self.run(limits::REMOVE, about, self.inner.client.remove_container(id, Some(options))).await {
            Err(error) if error.is_gone() => Ok(()),
            // Somebody else is removing it at this moment.
            Err(Error::Conflict { message }) if message.contains("already in progress") => Ok(()),
            other => other,
        }
    }

    /// Changes its limits while it runs; `None` leaves one as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Conflict`] or [`Error::Api`] when the limit cannot be set, or as any call.
    pub async fn update(&self, id: &str, resources: &Resources) -> Result<(), Error> {
        let about = About::Container(id);
        let signed = |value: Option<u64>| value.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
        let memory = signed(resources.memory_limit);
        let body = ContainerUpdateBody {
            memory,
            // Docker refuses a limit above the one for memory and swap together; -1 lifts that one.
            memory_swap: memory.map(|memory| if memory == 0 { -1 } else { memory }),
            nano_cpus: signed(resources.nano_cpus),
            pids_limit: resources.pids_limit,
            ..ContainerUpdateBody::default()
        };
        let call = self.inner.client.update_container(segment(id, about)?, body);
        self.run(limits::CALL, about, call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_docker_takes_as_a_name_reaches_a_path() {
        for good in ["a", "survival", "0123456789abcdef", "a_b.c-d"] {
            assert_eq!(segment(good, About::Container(good)).unwrap(), good);
        }
        for bad in ["", "../secrets", "a/b", "a?x=1", "a#b", "-a", ".", "a b", "a%2fb", "ä", "a\r\nHost: x"]
        {
            assert!(segment(bad, About::Container(bad)).unwrap_err().is_gone(), "{bad:?}");
        }
    }
}

//! Volumes: where worlds live.

use std::collections::{BTreeMap, HashMap};

use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptions};

use super::connect::Docker;
use super::containers::segment;
use super::error::{About, Error};
use super::limits;
use super::types::Volume;

impl From<bollard::models::Volume> for Volume {
    fn from(volume: bollard::models::Volume) -> Self {
        Self { name: volume.name, labels: volume.labels.into_iter().collect(), driver: volume.driver }
    }
}

impl Docker {
    /// The volume of this name, where there is one.
    ///
    /// # Errors
    /// As any call: the engine cannot be reached, or does not answer in 30 s.
    pub async fn volume(&self, name: &str) -> Result<Option<Volume>, Error> {
        let about = About::Volume(name);
        let Ok(segment) = segment(name, about) else { return Ok(None) };
        match self.run(limits::CALL, about, self.inner.client.inspect_volume(segment)).await {
            Ok(volume) => Ok(Some(volume.into())),
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a volume. Docker answers the same when one of that name is there already, **and leaves its labels as they
    /// were**: whoever must know asks [`Docker::volume`] first.
    ///
    /// # Errors
    /// As any call.
    pub async fn volume_create(&self, name: &str, labels: &BTreeMap<String, String>) -> Result<(), Error> {
        let about = About::Volume(name);
        let request = VolumeCreateRequest {
            name: Some(segment(name, about)?.to_owned()),
            driver: Some("local".to_owned()),
            labels: Some(labels.clone().into_iter().collect()),
            ..VolumeCreateRequest::default()
        };
        self.run(limits::CALL, about, self.inner.client.create_volume(request)).await.map(|_| ())
    }

    /// Removes a volume **with all that is in it**. One that is gone already is fine.
    ///
    /// # Errors
    /// [`Error::Conflict`] while a container, running or not, uses it; or as any call.
    pub async fn volume_remove(&self, name: &str) -> Result<(), Error> {
        let about = About::Volume(name);
        let call = self.inner.client.remove_volume(segment(name, about)?, None::<RemoveVolumeOptions>);
        match self.run(limits::REMOVE, about, call).await {
            Err(error) if error.is_gone() => Ok(()),
            other => other,
        }
    }

    /// The volumes that have a label: `name` or `name=value`.
    ///
    /// # Errors
    /// As any call.
    pub async fn volumes(&self, label: &str) -> Result<Vec<Volume>, Error> {
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListVolumesOptionsBuilder::default().filters(&filters).build();
        let call = self.inner.client.list_volumes(Some(options));
        let reply = self.run(limits::CALL, About::Engine, call).await?;
        Ok(reply.volumes.unwrap_or_default().into_iter().map(Volume::from).collect())
    }
}

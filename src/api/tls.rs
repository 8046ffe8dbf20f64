//! Certificates: a person's own, or one that signs itself and is made here.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

use crate::model::{Fault, FaultKind};

/// Most certificates of a chain.
const CHAIN_MAX: usize = 16;

/// Where a certificate comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tls {
    /// These files, in PEM: the chain, its own certificate first, and its key.
    Files(PathBuf, PathBuf),
    /// One that signs itself, in this folder; made where there is none yet, for these names and addresses.
    SelfSigned(PathBuf, Vec<String>),
}

/// A certificate that is in use.
pub struct Certificate {
    /// Its file.
    pub file: PathBuf,
    key: PathBuf,
    now: Arc<Now>,
    config: Arc<ServerConfig>,
}

/// The one that new connections get.
#[derive(Debug)]
struct Now(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Now {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Certificate {
    /// Reads it, or makes it first.
    ///
    /// # Errors
    /// That it cannot be read or made, or that certificate and key do not belong together.
    pub fn load(tls: Tls) -> Result<Self, Fault> {
        let (file, key) = match tls {
            Tls::Files(file, key) => (file, key),
            Tls::SelfSigned(folder, names) => {
                let (file, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
                if !file.exists() || !key.exists() {
                    make(&folder, &file, &key, &names)?;
                }
                (file, key)
            }
        };
        let now = Arc::new(Now(RwLock::new(read(&file, &key)?)));
        // Named, not left to a process-wide default that nobody may have set yet.
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(&file, &error))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(now.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { file, key, now, config: Arc::new(config) })
    }

    /// What takes connections with it.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.clone())
    }

    /// Reads its files again: connections that are made from then on get what is there now.
    ///
    /// # Errors
    /// As [`Self::load`]; the old one holds on.
    pub fn reload(&self) -> Result<(), Fault> {
        let read = read(&self.file, &self.key)?;
        *self.now.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }
}

fn read(file: &Path, key_file: &Path) -> Result<Arc<CertifiedKey>, Fault> {
    let chain = CertificateDer::pem_file_iter(file)
        .map_err(|error| unusable(file, &error))?
        .take(CHAIN_MAX)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(file, &error))?;
    if chain.is_empty() {
        return Err(unusable(file, &io::Error::other("it holds no certificate")));
    }
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| unusable(key_file, &error))?;
    let provider = rustls::crypto::ring::default_provider();
    let certified =
        CertifiedKey::from_der(chain, key, &provider).map_err(|error| unusable(key_file, &error))?;
    Ok(Arc::new(certified))
}

fn unusable(file: &Path, error: &(dyn std::error::Error + 'static)) -> Fault {
    Fault::new(
        FaultKind::Invalid,
        format!("{} cannot be used: {error}.", file.display()),
        "The API has no certificate to show.",
        "`api.certificate` must be a chain in PEM, `api.key` the key that belongs to it.",
    )
    .because(error)
}

fn make(folder: &Path, file: &Path, key_file: &Path, names: &[String]) -> Result<(), Fault> {
    let unmade = |error: &(dyn std::error::Error + 'static)| {
        Fault::new(
            FaultKind::Failed,
            format!("A certificate cannot be made in {}: {error}.", folder.display()),
            "Nothing was started.",
            "See who owns that folder.",
        )
        .because(error)
    };
    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    all.extend(names.iter().filter(|name| !unspecified(name)).cloned());
    all.dedup();
    let mut params = CertificateParams::new(all).map_err(|error| unmade(&error))?;
    params.distinguished_name.push(DnType::CommonName, "Mineclifford");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = std::time::SystemTime::now();
    let day = std::time::Duration::from_secs(24 * 3600);
    // Browsers take no certificate that holds for longer than 825 days.
    (params.not_before, params.not_after) = ((now - day).into(), (now + 800 * day).into());
    let key = KeyPair::generate().map_err(|error| unmade(&error))?;
    let certificate = params.self_signed(&key).map_err(|error| unmade(&error))?;
    let write = |path: &Path, text: &str, mode: u32| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .and_then(|()| write(key_file, &key.serialize_pem(), 0o600))
        .and_then(|()| write(file, &certificate.pem(), 0o644))
        .map_err(|error| unmade(&error))?;
    tracing::info!(file = %file.display(), "a certificate that signs itself was made");
    Ok(())
}

fn unspecified(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok_and(|address| address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn one_is_made_once_and_its_key_is_nobody_else_s() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("tls");
        let tls = || Tls::SelfSigned(own.clone(), vec!["mc.example.org".into(), "0.0.0.0".into()]);
        let certificate = Certificate::load(tls()).unwrap();
        let mode = fs::metadata(own.join("key.pem")).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let first = fs::read(&certificate.file).unwrap();
        Certificate::load(tls()).unwrap();
        assert_eq!(fs::read(&certificate.file).unwrap(), first);
        certificate.reload().unwrap();
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &other] {
            Certificate::load(Tls::SelfSigned(folder.path().into(), Vec::new())).unwrap();
        }
        let files = Tls::Files(one.path().join("certificate.pem"), other.path().join("key.pem"));
        let fault = Certificate::load(files).err().unwrap();
        assert!(fault.what.contains("key.pem"), "{fault}");
    }
}

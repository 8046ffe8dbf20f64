//! TCP with certificates on both sides, as `dockerd --tlsverify` wants it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::connector::{Connector, Duplex};
use super::error::{Error, chain};

/// A connector with the certificates of `folder`: `ca.pem` that the engine must be signed by, `cert.pem` and `key.pem`
/// that show who we are.
pub(super) fn connector(address: &str, folder: &Path) -> Result<Connector, Error> {
    let bad = |reason: String| Error::BadEndpoint { endpoint: format!("tcp://{address}"), reason };
    let config = config(folder).map_err(bad)?;
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(host.to_owned()).map_err(|e| bad(e.to_string()))?;
    let tls = TlsConnector::from(Arc::new(config));
    let address = address.to_owned();
    Ok(Connector::new(move || {
        let (tls, name, address) = (tls.clone(), name.clone(), address.clone());
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let stream: Box<dyn Duplex> = Box::new(tls.connect(name, stream).await?);
            Ok(stream)
        })
    }))
}

fn config(folder: &Path) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(&folder.join("ca.pem"))? {
        roots.add(certificate).map_err(|e| format!("ca.pem: {e}"))?;
    }
    let key_path = folder.join("key.pem");
    let key = PrivateKeyDer::from_pem_file(&key_path)
        .map_err(|e| format!("{} cannot be read: {e}", key_path.display()))?;
    // Named, not left to a process-wide default that nobody may have set yet.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| chain(&e))?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&folder.join("cert.pem"))?, key)
        .map_err(|e| format!("cert.pem and key.pem: {e}"))
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", path.display());
    let found = CertificateDer::pem_file_iter(path)
        .map_err(|e| unreadable(&e))?
        .take(1000)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| unreadable(&e))?;
    if found.is_empty() {
        return Err(unreadable(&io::Error::other("it holds no certificate")));
    }
    Ok(found)
}

//! The host's interfaces, answered by the current [`MockHost`].
use super::{CURRENT, MockHost, World};

fn with<R>(act: impl FnOnce(&mut World) -> R) -> R {
    let host: Option<MockHost> = CURRENT.with_borrow(Clone::clone);
    let host = host.unwrap_or_else(|| panic!("outside of WebAssembly the host is a MockHost: call this within MockHost::run"));
    act(&mut host.0.borrow_mut())
}

pub mod http {
    use crate::bindings::host::http::{Error, Request, Response};

    pub fn send(request: &Request) -> Result<Response, Error> {
        super::with(|world| {
            world.requests.push(request.clone());
            world.replies.pop_front().unwrap_or_else(|| panic!("no reply for {} {}", request.method, request.url))
        })
    }
}

pub mod state {
    use crate::bindings::host::state::Error;

    pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
        super::with(|world| Ok(world.state.get(key).cloned()))
    }
    pub fn set(key: &str, value: &[u8], _ttl: Option<u32>) -> Result<(), Error> {
        super::with(|world| world.state.insert(key.into(), value.into()));
        Ok(())
    }
    pub fn delete(key: &str) -> Result<(), Error> {
        super::with(|world| world.state.remove(key));
        Ok(())
    }
    pub fn compare_and_swap(key: &str, old: Option<&[u8]>, new: &[u8]) -> Result<bool, Error> {
        super::with(|world| {
            let same = world.state.get(key).map(Vec::as_slice) == old;
            if same {
                world.state.insert(key.into(), new.into());
            }
            Ok(same)
        })
    }
}

pub mod config {
    pub fn get_json() -> String {
        super::with(|world| world.config.as_ref().map_or_else(|| "{}".to_owned(), ToString::to_string))
    }
    pub fn secret(name: &str) -> Option<String> {
        super::with(|world| world.secrets.get(name).cloned())
    }
}

pub mod crypto {
    use crate::bindings::host::crypto::{Error, Hash, SignatureAlg};
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256, Sha512};

    pub fn digest(algorithm: Hash, data: &[u8]) -> Vec<u8> {
        match algorithm {
            Hash::Sha256 => Sha256::digest(data).to_vec(),
            Hash::Sha512 => Sha512::digest(data).to_vec(),
            Hash::Sha1 => panic!("MockHost has no SHA-1"),
        }
    }
    pub fn sign(key: &str, algorithm: SignatureAlg, data: &[u8]) -> Result<Vec<u8>, Error> {
        let key = super::with(|world| world.keys.get(key).cloned()).ok_or(Error::NoSuchKey)?;
        match algorithm {
            SignatureAlg::HmacSha256 => mac::<Hmac<Sha256>>(&key, data),
            SignatureAlg::HmacSha512 => mac::<Hmac<Sha512>>(&key, data),
            _ => Err(Error::NotAllowed),
        }
    }
    fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Result<Vec<u8>, Error> {
        let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|_| Error::Invalid)?;
        mac.update(data);
        Ok(mac.finalize().into_bytes().to_vec())
    }
    pub fn verify(key: &str, algorithm: SignatureAlg, data: &[u8], signature: &[u8]) -> Result<bool, Error> {
        Ok(sign(key, algorithm, data)? == signature)
    }
    pub fn certificate_der(_key: &str) -> Result<Vec<u8>, Error> {
        Err(Error::NoSuchKey)
    }
}

pub mod log {
    use crate::{Kv, bindings::host::log::Level};

    /// Kept where a host is there; a rule may log without one.
    pub fn write(level: Level, message: &str, fields: &[Kv]) {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        let fields: String = fields.iter().map(|field| format!(" {}={}", field.key, field.value)).collect();
        if let Some(host) = super::CURRENT.with_borrow(Clone::clone) {
            host.0.borrow_mut().lines.push(format!("{level}: {message}{fields}"));
        }
    }
}

pub mod clock {
    pub fn now_unix_ms() -> u64 {
        super::with(|world| world.now_unix_ms)
    }
}

pub mod random {
    /// Always the same, so that a test says the same twice.
    pub fn bytes(count: u32) -> Vec<u8> {
        (0..count).map(|index| u8::try_from(index % 251).unwrap_or_default()).collect()
    }
}

pub mod events {
    pub fn emit(topic: &str, json: &str) -> Result<(), String> {
        super::with(|world| world.events.push((topic.into(), json.into())));
        Ok(())
    }
}

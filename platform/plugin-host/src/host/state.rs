use crate::{
    StateError,
    bindings::io::huella::plugin::state::{Error, Host},
    guest::Guest,
};
use std::time::Duration;
use tokio::time::timeout;

const MOST_KEY: usize = 200;

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Quota => Self::Quota,
            StateError::Unavailable(_) => Self::Unavailable,
        }
    }
}

impl Guest {
    /// Bytes that it may keep. Without the permission there is no room at all.
    fn quota(&mut self) -> Result<u64, Error> {
        if !self.ask() {
            return Err(Error::Unavailable);
        }
        self.package.manifest.permissions.state.as_ref().map(|state| state.quota.0).ok_or(Error::Quota)
    }

    fn fits(&mut self, key: &str, value: &[u8]) -> Result<u64, Error> {
        let quota = self.quota()?;
        let fits = !key.is_empty() && key.len() <= MOST_KEY && value.len() <= self.limits.state_value.bytes();
        fits.then_some(quota).ok_or(Error::Quota)
    }

    async fn within<T>(&self, asked: impl Future<Output = Result<T, StateError>>) -> Result<T, Error> {
        timeout(self.remaining(), asked).await.map_err(|_| Error::Unavailable)?.map_err(Error::from)
    }
}

impl Host for Guest {
    async fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let seen = self.see("state.get");
        let answer = match self.quota() {
            Ok(_) => self.within(self.ports.state.get(&self.scope, &key)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }

    async fn set(&mut self, key: String, value: Vec<u8>, ttl: Option<u32>) -> wasmtime::Result<Result<(), Error>> {
        let seen = self.see("state.set");
        let ttl = ttl.map(|s| Duration::from_secs(s.into()));
        let answer = match self.fits(&key, &value) {
            Ok(quota) => self.within(self.ports.state.set(&self.scope, &key, value, ttl, quota)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }

    async fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), Error>> {
        let seen = self.see("state.delete");
        let answer = match self.quota() {
            Ok(_) => self.within(self.ports.state.delete(&self.scope, &key)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }

    async fn compare_and_swap(&mut self, key: String, old: Option<Vec<u8>>, new: Vec<u8>) -> wasmtime::Result<Result<bool, Error>> {
        let seen = self.see("state.compare-and-swap");
        let answer = match self.fits(&key, &new) {
            Ok(quota) => self.within(self.ports.state.swap(&self.scope, &key, old.as_deref(), new, quota)).await,
            Err(error) => Err(error),
        };
        seen.with(answer)
    }
}

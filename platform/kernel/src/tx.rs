//! A transaction that sees one chain and some of its sedes, and writes down what it did.
use crate::{
    Change, Problem,
    audit::Who,
    crypto::{CryptoError, Keyring, PersonKey, WrappedKey},
    idempotency::Keyed,
    ids::{SedeId, TenantId},
    memory::Memory,
    store,
};
use serde::Serialize;
use sqlx::{Connection, PgConnection, PgPool, Postgres, SqlSafeStr, Transaction};
use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// The longest that a transaction may take to begin, waiting for a connection included.
const BEGIN: Duration = Duration::from_secs(8);
/// A transaction that is given up after so long may have been waiting for a network that says nothing.
const SLOW: Duration = Duration::from_secs(1);
/// A connection that is given back answers in this time, or is done without.
const ANSWER: Duration = Duration::from_secs(3);

/// When somebody last gave up waiting for the database.
static GIVEN_UP: Mutex<Option<Instant>> = Mutex::new(None);

fn gave_up() {
    *GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
}

/// Whether the pool should keep a connection that is given back to it. sqlx asks each of them for an answer, and waits as long as
/// TCP does to give a silent network up, a quarter of an hour, with a place of the pool: so while there is reason to doubt the
/// network, it is asked here before, for a short time.
pub async fn answers(db: &mut PgConnection) -> bool {
    let doubtful = GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|then| then.elapsed() < 2 * ANSWER);
    !doubtful || tokio::time::timeout(ANSWER, db.ping()).await.is_ok_and(|answer| answer.is_ok())
}

/// Begins in a task of its own. A future that is dropped while it waits for the answer to BEGIN, as when a browser leaves the
/// page, would give back a connection on which a transaction is open that sqlx does not know of, for the next request to be in.
///
/// BEGIN is the last word of `sql`, for the same reason: what stands before it belongs to the transaction that it opens (PostgreSQL
/// takes statements sent together as one, until BEGIN makes a block of them), and where one of them fails there is no block at all.
pub(crate) async fn begin(pool: &PgPool, sql: impl SqlSafeStr + Send + 'static) -> Result<Transaction<'static, Postgres>, Problem> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move {
        let begin = std::pin::pin!(pool.begin_with(sql));
        // What it waits on is given back when it is dropped: the pool is told before that it may not answer.
        tokio::time::timeout(BEGIN, begin).await.inspect_err(|_| gave_up()).unwrap_or(Err(sqlx::Error::PoolTimedOut))
    });
    Ok(begun.await.map_err(Problem::internal)??)
}

/// Who is told of a commit that left something to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wake {
    pub outbox: Arc<Notify>,
    pub work: Arc<Notify>,
}

/// Something that happened and that others may want to know: one outbox row.
#[derive(Debug)]
pub struct Event {
    pub(crate) tema: &'static str,
    pub(crate) sede: Option<SedeId>,
    pub(crate) cuerpo: serde_json::Value,
}

impl Event {
    /// `tema` is noun and participle: `cita.reservada`.
    pub fn new(tema: &'static str, cuerpo: impl Serialize) -> Self {
        Self { tema, sede: None, cuerpo: serde_json::to_value(cuerpo).unwrap_or_default() }
    }
    pub fn sede(mut self, sede: SedeId) -> Self {
        self.sede = Some(sede);
        self
    }
}

/// What the commit of an idempotent request leaves for its repetitions.
#[derive(Debug)]
pub(crate) struct Answer {
    pub request: Keyed,
    pub estado: u16,
    pub etag: Option<String>,
    /// Sealed.
    pub cuerpo: String,
}

/// Makes the blind indices of one chain, also while no transaction is open.
#[derive(Clone)]
pub struct Indexer {
    keyring: Arc<Keyring>,
    tenant: TenantId,
}

impl Indexer {
    /// HMAC of a normalised value of this chain.
    pub fn blind_index(&self, kind: &str, normal: &str) -> Vec<u8> {
        self.keyring.blind_index(self.tenant, kind, normal)
    }
}

/// A transaction that is under way.
struct Open {
    begun: Instant,
    ended: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.ended && self.begun.elapsed() >= SLOW {
            gave_up();
        }
    }
}

/// Dropped without `commit`, nothing happened. Audit rows, outbox rows and the answer of an idempotent
/// request are collected and written by `commit` in one round trip, in this same transaction.
pub struct Tx {
    // Dropped before what it is about.
    open: Open,
    inner: Transaction<'static, Postgres>,
    keyring: Arc<Keyring>,
    memory: Arc<Memory>,
    /// Told when events are in the outbox, or work is asked for.
    wake: Wake,
    pub(crate) who: Who,
    pub(crate) changes: Vec<Change>,
    pub(crate) events: Vec<Event>,
    pub(crate) answer: Option<Answer>,
    pub(crate) once: Option<Keyed>,
    /// Work was asked for.
    pub(crate) enqueued: bool,
}

impl Tx {
    pub(crate) fn new(inner: Transaction<'static, Postgres>, keyring: Arc<Keyring>, memory: Arc<Memory>, wake: Wake, who: Who) -> Self {
        let open = Open { begun: Instant::now(), ended: false };
        Self { open, inner, keyring, memory, wake, who, changes: Vec::new(), events: Vec::new(), answer: None, once: None, enqueued: false }
    }

    pub fn who(&self) -> &Who {
        &self.who
    }
    pub fn now(&self) -> jiff::Timestamp {
        self.who.now
    }
    /// The id that a row's author column takes; nil for the platform itself.
    pub fn author(&self) -> Uuid {
        self.who.actor.id().unwrap_or_default()
    }

    /// What this process remembers as a `T`, of every chain: whose it is has to be part of its key.
    pub fn memory<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.memory.of()
    }

    /// Writes a line of the audit trail with the commit.
    pub fn audit(&mut self, change: Change) {
        self.changes.push(change);
    }
    /// Sends an event with the commit.
    pub fn publish(&mut self, event: Event) {
        self.events.push(event);
    }

    /// As [`Indexer::blind_index`] makes it.
    pub fn blind_index(&self, kind: &str, normal: &str) -> Vec<u8> {
        self.indexer().blind_index(kind, normal)
    }
    pub fn indexer(&self) -> Indexer {
        Indexer { keyring: self.keyring.clone(), tenant: self.who.tenant }
    }
    /// A secret of the chain on its way out (a link for an e-mail), as text.
    pub fn seal_secret(&self, purpose: &str, plain: impl AsRef<[u8]>) -> Result<String, CryptoError> {
        self.keyring.seal_for_tenant(self.who.tenant, purpose, plain.as_ref())
    }
    /// What [`Tx::seal_secret`] made of it.
    pub fn open_secret(&self, purpose: &str, sealed: &str) -> Result<String, CryptoError> {
        let plain = self.keyring.open_for_tenant(self.who.tenant, purpose, sealed)?;
        Ok(String::from_utf8_lossy(&plain).into_owned())
    }
    /// Makes and stores the key of a new person.
    pub async fn create_person_key(&mut self, person: impl Into<Uuid>) -> Result<PersonKey, Problem> {
        let person = person.into();
        let (key, wrapped) = self.keyring.new_person(self.who.tenant, person)?;
        store::insert_person_key(&mut self.inner, person, &wrapped).await?;
        Ok(key)
    }
    /// A new key for each of many people, stored in one statement.
    pub async fn create_person_keys(&mut self, people: &[Uuid]) -> Result<Vec<PersonKey>, Problem> {
        let made: Result<Vec<_>, CryptoError> = people.iter().map(|person| self.keyring.new_person(self.who.tenant, *person)).collect();
        let (keys, wrapped): (Vec<PersonKey>, Vec<WrappedKey>) = made?.into_iter().unzip();
        store::insert_person_keys(&mut self.inner, people, &wrapped).await?;
        Ok(keys)
    }
    /// The key of a person; `None` once the person was forgotten.
    pub async fn person_key(&mut self, person: impl Into<Uuid>) -> Result<Option<PersonKey>, Problem> {
        Ok(self.person_keys(&[person.into()]).await?.pop().map(|(_, key)| key))
    }
    /// The keys of several people, in one round trip; forgotten ones are missing.
    pub async fn person_keys(&mut self, people: &[Uuid]) -> Result<Vec<(Uuid, PersonKey)>, Problem> {
        let rows = store::person_keys(&mut self.inner, people).await?;
        let unwrap = |(person, wrapped): (Uuid, WrappedKey)| Ok((person, self.keyring.person(self.who.tenant, person, &wrapped)?));
        rows.into_iter().map(unwrap).collect::<Result<_, CryptoError>>().map_err(Problem::from)
    }

    /// Forgets a person: what was sealed with their key can never be read again, in the audit neither.
    pub async fn forget_person(&mut self, person: impl Into<Uuid>) -> Result<(), Problem> {
        store::delete_person_key(&mut self.inner, person.into()).await
    }

    pub async fn commit(mut self) -> Result<(), Problem> {
        let told = !self.events.is_empty();
        store::flush(&mut self).await?;
        self.inner.commit().await?;
        self.open.ended = true;
        if told {
            self.wake.outbox.notify_one();
        }
        if self.enqueued {
            self.wake.work.notify_one();
        }
        Ok(())
    }

    /// A savepoint: what follows can be taken back alone with [`Tx::back_to`].
    pub async fn mark(&mut self) -> Result<(), Problem> {
        store::savepoint(&mut self.inner).await
    }
    /// Takes back everything since [`Tx::mark`], also after an error.
    pub async fn back_to_mark(&mut self) -> Result<(), Problem> {
        store::rollback_to_savepoint(&mut self.inner).await
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}

//! What every request gets, whatever it asks for; health; the audit chain; the end of a server.
use futures::future::join_all;
use huella_tests::{
    Cliente, Huella,
    andina::{self, ADMIN},
    cliente::send,
    costera,
};
use jiff::SignedDuration;
use kernel::{Change, Outside, SystemCtx, ids::TenantId};
use reqwest::{Method, header};
use rstest::rstest;
use serde_json::json;
use server::{
    auditoria::{self, Break},
    http::{HttpSettings, ServeSettings, Server, Tls},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

// --- What every request gets ---------------------------------------------------------------------------------

#[tokio::test]
async fn what_cannot_be_served_is_a_problem_with_its_trace() {
    let huella = Huella::start().await;
    let nadie = huella.nadie();
    let missing = nadie.get("/no-existe").await;
    assert_eq!(missing.headers["x-traza"].to_str().ok(), missing.body["traza"].as_str());
    missing.problem(404, "no-encontrado");
    send(nadie.request(Method::PATCH, "/sesiones")).await.problem(405, "metodo-no-permitido");
    send(nadie.request(Method::POST, "/sesiones").body("{}")).await.problem(415, "tipo-de-contenido");
    let broken = nadie.request(Method::POST, "/sesiones").header(header::CONTENT_TYPE, "application/json").body("{");
    send(broken).await.problem(400, "solicitud-malformada");
    let huge = json!({ "cadena": "x".repeat(2 << 20) });
    nadie.post("/sesiones", huge).await.problem(413, "solicitud-muy-grande");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_cut_at_the_limit() {
    let huella = Huella::start().await;
    let mut stream = TcpStream::connect(huella.base.trim_start_matches("http://")).await.expect("connected");
    let head = "POST /api/v1/sesiones HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    for _ in 0..17 {
        stream.write_all(chunk.as_bytes()).await.expect("sent");
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.expect("answered");
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_trace_of_the_caller_is_continued_into_the_audit() {
    let huella = Huella::start().await;
    let traza = "4bf92f3577b34da6a3ce929d0e0e4736";
    let admin = huella.como(andina::ADMIN).await;
    let body = json!({ "nombre": "Razón de prueba", "clave": "prueba_traza", "permisos": ["cita.ver"], "exige_segundo_factor": false });
    let request = admin.request(Method::POST, "/roles").header("traceparent", format!("00-{traza}-00f067aa0ba902b7-01")).json(&body);
    let answer = send(request).await;
    assert_eq!(answer.headers["x-traza"], traza);
    answer.created();
    let rows: i64 = huella.scalar(&format!("select count(*) from auditoria where traza = '{traza}' and ip = '127.0.0.1'")).await;
    assert_eq!(rows, 1);
}

#[test]
fn the_published_contract_changes_only_on_purpose() {
    insta::with_settings!({ sort_maps => true, omit_expression => true }, {
        insta::assert_json_snapshot!("openapi", server::http::document());
    });
}

#[test]
fn the_kinds_of_problem_change_only_on_purpose() {
    let mut kinds: Vec<String> =
        server::http::problem_kinds().iter().map(|kind| format!("{} {} {}", kind.status.as_u16(), kind.slug, kind.title)).collect();
    kinds.sort();
    let mut slugs: Vec<&str> = kinds.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    let all = slugs.len();
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), all, "two kinds of problem share a name");
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("problemas", kinds.join("\n"));
    });
}

#[tokio::test]
async fn every_kind_of_problem_has_a_page() {
    let huella = Huella::start().await;
    for kind in server::http::problem_kinds() {
        let page = huella.nadie().get(&format!("//problemas/{}", kind.slug)).await.ok();
        assert_eq!(page["status"], kind.status.as_u16());
    }
    huella.nadie().get("//problemas/inventado").await.problem(404, "no-encontrado");
}

// --- Health --------------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_lost_redis_degrades_and_a_lost_database_is_not_ready() {
    let huella = Huella::start().await;
    assert_eq!(huella.nadie().get("//healthz").await.ok()["estado"], "vivo");
    huella.nadie().get("//readyz").await.ok();

    let lost = adapters::RedisConfig::from_url("redis://127.0.0.1:1").expect("an address");
    let degraded = serve(&huella, |parts| parts.cache = Arc::new(adapters::RedisCache::new(&lost).expect("lazy"))).await;
    let body = degraded.get("//readyz").await.ok();
    assert_eq!((&body["estado"], &body["partes"]["cache"]), (&json!("degradado"), &json!("no responde")));

    let dead = sqlx::postgres::PgPoolOptions::new().acquire_timeout(Duration::from_millis(100));
    let dead = dead.connect_lazy("postgres://nadie@127.0.0.1:1/nada").expect("lazy");
    let down = serve(&huella, |parts| parts.pool = dead).await;
    assert_eq!(down.get("//readyz").await.problem(503, "no-disponible")["partes"]["base_de_datos"], "no responde");
    assert_eq!(down.get("//healthz").await.ok()["estado"], "vivo");
}

/// A replica of which nobody knows how far behind it is answers nothing: neither one that is away, nor a server that
/// is no replica at all (here: the primary itself).
#[tokio::test]
async fn an_unknown_replica_is_not_read() {
    let huella = Huella::start().await;
    let away = sqlx::postgres::PgPoolOptions::new().acquire_timeout(Duration::from_millis(100));
    let away = away.connect_lazy("postgres://nadie@127.0.0.1:1/nada").expect("lazy");
    let admin = huella.como(andina::ADMIN).await;
    for (replica, answers) in [(away, false), (huella.sql.clone(), true)] {
        let outside = Outside { replica: Some(replica), ..outside(&huella) };
        let parts = server::assemble_with(outside, huella.identidad()).expect("assembled");
        assert_eq!(parts.system().observe_replica().await.is_ok(), answers);
        let client = listen(parts.router(&HttpSettings::default())).await;
        client.with_token(admin.token.as_deref().expect("a token")).get("/sedes").await.ok();
    }
}

/// A server on the same database with one part replaced.
async fn serve(huella: &Huella, replace: impl FnOnce(&mut Outside)) -> Cliente {
    let mut parts = outside(huella);
    replace(&mut parts);
    listen(server::http::router(&SystemCtx::start(parts), &HttpSettings::default(), "https://huella.example")).await
}

fn outside(huella: &Huella) -> Outside {
    Outside {
        pool: huella.sql.clone(),
        replica: None,
        clock: {
            let app = huella.parts.app.clone();
            Arc::new(move || app.now())
        },
        keyring: huella.parts.app.keyring().clone(),
        cache: Arc::new(adapters::MemoryCache::default()),
        bus: Arc::new(adapters::MemoryBus::default()),
        files: Arc::new(huella_tests::afuera::files()),
        mailer: Arc::new(huella_tests::afuera::mailer().expect("a mail server")),
    }
}

async fn listen(router: axum::Router) -> Cliente {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(server::http::serve(listener, router, std::future::pending()));
    Cliente::new(&base)
}

// --- Audit chain ---------------------------------------------------------------------------------------------

async fn seal_all(system: &SystemCtx) -> usize {
    let mut rows = 0;
    loop {
        let sealed = auditoria::seal(system).await.expect("sealed");
        rows += sealed.rows;
        if !sealed.more {
            return rows;
        }
    }
}

/// A browser that leaves the page drops its request wherever it is.
#[tokio::test]
async fn a_request_that_is_cut_off_leaves_no_transaction_open() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    let tenant = TenantId(huella.scalar("select id from tenants where clave = 'andina'").await);
    let open = async || {
        let query = "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
        let mut left = 100;
        while huella.scalar::<i64>(query).await > 0 && left > 0 {
            left -= 1;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        left == 0
    };
    for polls in (0..8).cycle().take(64) {
        let mut beginning = Box::pin(system.begin(tenant));
        for _ in 0..polls {
            if futures::poll!(beginning.as_mut()).is_ready() {
                break;
            }
            // What comes over the wire is seen only now and then.
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        drop(beginning);
        assert!(!open().await, "after {polls} steps");
    }
    let mut tx = system.begin(tenant).await.expect("begun");
    tx.audit(Change::new("probar", "cadena", tenant));
    tx.commit().await.expect("a connection like any other");
}

#[tokio::test]
async fn a_row_changed_by_a_superuser_is_named() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    assert!(seal_all(&system).await > 3, "the fixtures leave audit rows");
    let whole = auditoria::verify(&system, Some("andina")).await.expect("verified");
    assert!(whole[0].roto.is_none() && whole[0].sin_sellar == 0, "{}", whole[0]);

    huella.execute("update auditoria set accion = accion || 'x' where id = (select auditoria_id from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina' and numero = 2)").await;
    let broken = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    assert!(matches!(broken.roto, Some((2, Some(_), Break::Fila))), "{broken}");
    let other = auditoria::verify(&system, Some("costera")).await.expect("verified").remove(0);
    assert!(other.roto.is_none(), "{other}");
}

#[tokio::test]
async fn what_the_last_look_at_the_chain_found_is_read_by_its_people() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    let seen = async || huella.como(andina::ADMIN).await.get("/auditoria/integridad").await.ok();
    assert_eq!(seen().await, json!({}), "nobody looked yet");
    seal_all(&system).await;
    let all = async || {
        let mut looked = 0;
        while auditoria::revisar(&system).await.expect("looked at") {
            looked += 1;
        }
        looked
    };
    assert!(all().await >= 2, "every chain");
    assert_eq!(all().await, 0, "once a day");
    let whole = seen().await["revision"].clone();
    let links: i64 =
        huella.scalar("select count(*) from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina'").await;
    assert!(whole["integra"] == true && whole["eslabones"] == links && whole["revisada_en"] == "2026-03-02T13:00:00Z", "{whole:#}");
    assert!(whole["hasta"].is_string() && whole["roto"].is_null(), "{whole:#}");
    huella.execute("update auditoria set accion = accion || 'x' where id = (select auditoria_id from auditoria_eslabones e join tenants t on t.id = e.tenant_id where t.clave = 'andina' and numero = 2)").await;
    assert_eq!(seen().await["revision"], whole, "as it was found then");
    huella.avanzar(SignedDuration::from_hours(25));
    assert!(all().await >= 2);
    let broken = seen().await["revision"].clone();
    assert_eq!(
        (&broken["integra"], &broken["roto"], &broken["motivo"]),
        (&json!(false), &json!(2), &json!("la fila de auditoría fue cambiada"))
    );
    let other = huella.como(costera::ADMIN).await.get("/auditoria/integridad").await.ok();
    assert_eq!(other["revision"]["integra"], true, "each chain its own");
    huella.como(andina::RECEPCION_LIMA).await.get("/auditoria/integridad").await.problem(403, "sin-permiso");
}

#[tokio::test]
async fn sealing_from_several_instances_leaves_no_gap_and_restoring_elsewhere_forgets_no_row() {
    let huella = Huella::start().await;
    let other = huella.otra_instancia().await;
    let systems = [huella.parts.system(), other.parts.system()];
    join_all(systems.iter().flat_map(|system| [seal_all(system), seal_all(system)])).await;
    seal_all(&systems[0]).await;
    let gaps: i64 = huella
        .scalar("select count(*) from (select tenant_id, max(numero) <> count(*) as gap from auditoria_eslabones group by 1) t where gap")
        .await;
    assert_eq!(gaps, 0);

    // Given a cursor from another cluster, whose transactions were numbered much higher,
    huella.execute("update auditoria_cursor set cluster = cluster + 1, xid = '900000000'").await;
    huella.como(andina::ADMIN).await;
    let admin = huella.como(andina::ADMIN).await;
    admin.post("/roles", json!({ "nombre": "Otro", "clave": "otro_rol", "permisos": [], "exige_segundo_factor": false })).await.created();
    // when the sealer runs, then the new rows are sealed and the chain is whole.
    assert!(seal_all(&systems[0]).await > 0);
    for verified in auditoria::verify(&systems[0], None).await.expect("verified") {
        assert!(verified.roto.is_none() && verified.sin_sellar == 0, "{verified}");
    }
}

#[tokio::test]
async fn an_end_cut_off_is_told_by_the_anchor() {
    let huella = Huella::start().await;
    let system = huella.parts.system();
    seal_all(&system).await;
    assert!(auditoria::anchor(&system).await.expect("anchored") >= 2);
    assert_eq!(auditoria::anchor(&system).await.expect("anchored"), 0, "once a day");
    let whole = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    assert!(whole.roto.is_none() && whole.anclas == Some(1), "{whole}");
    huella.execute("delete from auditoria_eslabones e using tenants t where t.id = e.tenant_id and t.clave = 'andina' and numero = (select max(numero) from auditoria_eslabones where tenant_id = t.id)").await;
    let cut = auditoria::verify(&system, Some("andina")).await.expect("verified").remove(0);
    assert!(matches!(cut.roto, Some((_, _, Break::Ancla))), "{cut}");
}

// --- Serving -------------------------------------------------------------------------------------------------

/// A server that takes a while to answer.
fn slow() -> axum::Router {
    axum::Router::new().route(
        "/",
        axum::routing::get(|| async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            "hecho"
        }),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_server_drops_no_accepted_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let settings = ServeSettings { demora: Duration::from_millis(100), ..ServeSettings::default() };
    let server = Server { router: slow(), settings, tls: None };
    let serving = tokio::spawn(server.run(listener, async { drop(stopped.await) }));
    // Given requests at every point: being answered, just sent, connected and not yet sent,
    let ask = |wait: u64| async move {
        let mut stream = TcpStream::connect(address).await.ok()?;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.ok()?;
        let mut answer = vec![0; 400];
        let mut read = 0;
        while !String::from_utf8_lossy(&answer[..read]).ends_with("hecho") {
            match stream.read(&mut answer[read..]).await {
                Ok(0) | Err(_) => return Some(format!("cut off: {}", String::from_utf8_lossy(&answer[..read]))),
                Ok(more) => read += more,
            }
        }
        Some(String::from_utf8_lossy(&answer[..read]).into_owned())
    };
    let asked = tokio::spawn(join_all((0..60).map(|index| ask(index * 3))));
    tokio::time::sleep(Duration::from_millis(90)).await;
    // when the server is told to end,
    stop.send(()).expect("running");
    // then every one of them is answered, and the server ends.
    for answer in asked.await.expect("asked").into_iter().flatten() {
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    tokio::time::timeout(Duration::from_secs(5), serving).await.expect("ends").expect("joined").expect("served");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_let_go() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let settings = ServeSettings { encabezado: Duration::from_millis(200), ..ServeSettings::default() };
    tokio::spawn(Server { router: slow(), settings, tls: None }.run(listener, std::future::pending()));
    for start in ["", "GET / HTTP/1.1\r\nhost: x\r\n"] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(start.as_bytes()).await.expect("sent");
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "still open after {start:?}");
    }
}

#[tokio::test]
async fn tls_is_1_3_and_nothing_before() {
    let huella = Huella::start().await;
    let folder = std::env::temp_dir().join(format!("huella-tls-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.join("c.pem"), folder.join("k.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    server::http::install_provider();
    let tls = Tls::load(&certificate, &key).expect("usable");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let router = server::http::router(&huella.parts.system(), &HttpSettings::default(), "https://huella.example");
    tokio::spawn(Server { router, settings: ServeSettings::default(), tls: Some(tls) }.run(listener, std::future::pending()));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a root");
    let client = |version| {
        let builder = reqwest::Client::builder().tls_certs_only([root.clone()]).tls_version_max(version);
        builder.build().expect("a client").get(format!("https://localhost:{port}/healthz")).send()
    };
    let answer = client(reqwest::tls::Version::TLS_1_3).await.expect("served");
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert!(client(reqwest::tls::Version::TLS_1_2).await.is_err(), "TLS 1.2 was accepted");
    std::fs::remove_dir_all(folder).expect("removed");
}

/// Values that PostgreSQL cannot hold are the client's mistake, whatever way they come.
#[rstest]
#[case::null_in_a_cursor("/servicios?cursor=ImFcdTAwMDAi", 422)]
#[case::null_in_a_path("/auditoria/a%00/01930000-0000-7000-8000-000000000001", 404)]
#[case::before_the_calendar("/feriados?desde=-009998-01-01", 422)]
#[case::an_instant_before_it("/auditoria?desde=-009998-01-01T00:00:00Z", 422)]
#[case::null_in_a_query("/pacientes?buscar=a%00b", 422)]
#[tokio::test]
async fn a_value_that_cannot_be_kept_is_refused(#[case] path: &str, #[case] status: u16) {
    let huella = Huella::start().await;
    let answer = huella.como(ADMIN).await.get(path).await;
    assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
}

#[tokio::test]
async fn a_sede_lives_in_a_real_zone() {
    let huella = Huella::start().await;
    let admin = huella.como(ADMIN).await;
    let mut sede = admin.get(&format!("/sedes/{}", huella.id_of("andina", "sedes", "codigo", "LIM").await)).await.ok();
    for zone in ["Etc/Unknown", "Lima", ""] {
        sede["zona_horaria"] = json!(zone);
        let wrong = admin.post("/sedes", sede.clone()).await.wrong_fields();
        assert!(wrong.contains(&"/zona_horaria".to_owned()), "{zone}: {wrong:?}");
    }
}

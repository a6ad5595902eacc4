//! The Libro de Reclamaciones: what consumers leave on its page, its clock, and what the sede answers.
mod libro;
mod oficina;
mod plazo;

use huella_tests::{Cliente, Huella, Respuesta, cliente::send};
use reqwest::{Client, Method, redirect::Policy};
use server::trabajos::{self, worker};
use std::net::{IpAddr, Ipv4Addr};

/// A browser at one address of the loopback network, which goes nowhere by itself.
fn navegador(huella: &Huella, last: u8) -> Cliente {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 9, last));
    let http = Client::builder().redirect(Policy::none()).local_address(address).build().expect("a client");
    Cliente { http, ..huella.nadie() }
}

const LIMA: &str = "/libro-de-reclamaciones/andina/andina-lima";
const CUSCO: &str = "/libro-de-reclamaciones/andina/andina-cusco";

async fn abre(cliente: &Cliente, path: &str) -> Respuesta {
    send(cliente.request(Method::GET, &format!("/{path}"))).await
}

fn html(page: &Respuesta) -> String {
    String::from_utf8(page.bytes.clone()).expect("UTF-8")
}

/// What a field of a page holds.
fn valor(html: &str, campo: &str) -> String {
    let field = html.split(&format!("name=\"{campo}\"")).nth(1).unwrap_or_else(|| panic!("no {campo} in {html}"));
    field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

type Campos = Vec<(&'static str, String)>;

/// A whole form of somebody with this document.
fn hoja(documento: &str, correo: &str) -> Campos {
    let fields = [
        ("tipo", "reclamo"),
        ("nombre", "Anastasia Pomacocha"),
        ("documento_tipo", "dni"),
        ("documento", documento),
        ("domicilio", "Jr. Dos 2, Lima"),
        ("telefono", "987 654 321"),
        ("correo", correo),
        ("bien", "servicio"),
        ("bien_descripcion", "Consulta de Luna"),
        ("monto", "80"),
        ("detalle", "Esperé dos horas <b>de pie</b>"),
        ("pedido", "Que me devuelvan lo pagado"),
    ];
    fields.map(|(name, value)| (name, value.to_owned())).into()
}

fn con(mut campos: Campos, name: &'static str, value: &str) -> Campos {
    campos.retain(|(known, _)| *known != name);
    campos.push((name, value.to_owned()));
    campos
}

async fn envia(cliente: &Cliente, path: &str, campos: &Campos) -> Respuesta {
    send(cliente.request(Method::POST, &format!("/{path}")).form(campos)).await
}

/// Where a sheet that was taken leads to.
fn destino(answer: &Respuesta) -> String {
    assert_eq!(answer.status, 303, "{}", html(answer));
    answer.headers["location"].to_str().expect("a path").to_owned()
}

/// Opens the form and sends it whole: the consumer's page of the sheet.
async fn deja(cliente: &Cliente, path: &str, campos: Campos) -> String {
    let enlace = valor(&html(&abre(cliente, path).await), "enlace");
    destino(&envia(cliente, path, &con(campos, "enlace", &enlace)).await)
}

fn correo(nombre: &str) -> String {
    format!("{nombre}.{}@consumidores.example.pe", uuid::Uuid::now_v7().simple())
}

/// Everything that is to be done is done.
async fn trabajar(huella: &Huella) {
    loop {
        let relayed = trabajos::relay(&huella.parts).await.expect("relayed");
        let worked = worker::work_once(&huella.parts).await.expect("worked");
        assert_eq!(worked.failed, 0);
        if relayed.sent + worked.done == 0 {
            return;
        }
    }
}

async fn velar(huella: &Huella) {
    trabajos::velar_reclamos(&huella.parts.system()).await.expect("looked at");
}

/// What PostgreSQL says when the app's role, in this chain and everywhere in it, tries this.
async fn rehusado(huella: &Huella, sql: &str) -> String {
    let mut tx = huella.sql.begin().await.expect("a transaction");
    let tenant: uuid::Uuid = huella.scalar("select id from tenants where clave = 'andina'").await;
    let begin = format!(
        "set local role huella_app; set local app.tenant = '{tenant}'; set local app.ambito = 'cadena'; set local app.sedes = '{{}}'"
    );
    sqlx::Executor::execute(&mut *tx, sqlx::AssertSqlSafe(begin)).await.expect("the role");
    let done = sqlx::Executor::execute(&mut *tx, sqlx::AssertSqlSafe(sql.to_owned())).await.map(drop);
    match done {
        Err(error) => error.to_string(),
        Ok(()) => tx.commit().await.err().map(|error| error.to_string()).unwrap_or_default(),
    }
}

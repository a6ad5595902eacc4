// Code, hold and confirmation, through the public API. What opens doors stays in memory and is gone with the page.
(() => {
  'use strict';
  const sitio = document.getElementById('reserva');
  if (!sitio) return;
  const $ = (id) => document.getElementById(id);
  const dato = sitio.dataset;
  const base = `/api/v1/publico/${encodeURIComponent(dato.cadena)}`;
  let solicitud = '', sesion = '', conocido = false, reloj = 0;

  const mostrar = (id) => {
    for (const paso of ['paso-correo', 'paso-codigo', 'paso-datos', 'hecho']) $(paso).hidden = paso !== id;
    const first = $(id).querySelector('input:not([hidden]),a');
    if (first) first.focus();
  };
  const decir = (text) => { $('estado').textContent = text; };
  const fallar = (text) => { $('falla').textContent = text; $('falla').hidden = !text; };

  async function pedir(ruta, cuerpo) {
    let answer;
    try {
      answer = await fetch(base + ruta, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(cuerpo) });
    } catch {
      throw { texto: 'No hay conexión. Inténtelo otra vez.' };
    }
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return body;
    const campos = (body.errors || []).map((one) => `${nombre(one.pointer)}: ${one.detail}`).join('. ');
    throw { estado: answer.status, tipo: body.type || '', texto: campos || body.detail || body.title || 'No se pudo. Inténtelo otra vez.' };
  }
  const nombres = { '/correo': 'Correo', '/telefono': 'Celular', '/tutor/correo': 'Correo', '/codigo': 'Código', '/mascota/nombre': 'Nombre de la mascota', '/mascota/especie': 'Especie',
    '/tutor/nombres': 'Nombres', '/tutor/apellidos': 'Apellidos', '/tutor/telefono': 'Teléfono', '/motivo': 'Motivo' };
  const nombre = (pointer) => nombres[pointer] || pointer.replace(/^\//, '').replaceAll('/', ' ');

  const al = (id, hacer) => $(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const boton = event.target.querySelector('button');
    boton.disabled = true;
    fallar('');
    try { await hacer(); } catch (error) {
      fallar(error.texto || 'No se pudo. Inténtelo otra vez.');
      if (error.estado === 409 && error.tipo.endsWith('hora-no-disponible')) otra();
    } finally { boton.disabled = false; }
  });
  const otra = () => {
    clearInterval(reloj);
    $('reloj').hidden = true;
    const link = document.createElement('a');
    link.href = dato.otra;
    link.textContent = ' Elegir otra hora';
    $('falla').append(link);
    $('falla').hidden = false;
  };

  function contar(hasta) {
    clearInterval(reloj);
    const end = new Date(hasta).getTime();
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      $('reloj').hidden = false;
      $('reloj').textContent = `Le guardamos la hora ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      if (left === 0) { fallar('Se acabó el tiempo.'); otra(); $('paso-datos').hidden = true; }
    };
    tick();
    reloj = setInterval(tick, 1000);
  }

  function mascotas(lista) {
    const caja = $('mascotas');
    caja.querySelectorAll('label').forEach((old) => old.remove());
    const una = (value, text, checked) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      label.className = 'casilla';
      Object.assign(input, { type: 'radio', name: 'mascota', value, checked });
      input.addEventListener('change', nueva);
      label.append(input, ` ${text}`);
      caja.append(label);
    };
    lista.forEach((one, index) => una(one.id, `${one.nombre} (${one.especie})`, index === 0));
    una('', 'Otra mascota', lista.length === 0);
    caja.hidden = lista.length === 0;
    nueva();
  }
  const elegida = () => document.querySelector('input[name=mascota]:checked')?.value || '';
  function nueva() {
    const own = elegida() === '';
    $('mascota-nueva').hidden = !own;
    $('m-nombre').required = own;
    $('tutor').hidden = conocido;
    $('t-nombres').required = $('t-apellidos').required = !conocido;
  }

  // Where the code goes, where there is a choice.
  const porTelefono = () => document.querySelector('input[name=canal]:checked')?.value === 'telefono';
  function canal() {
    const telefono = porTelefono();
    $('por-correo').hidden = $('con-telefono').hidden = telefono;
    $('por-telefono').hidden = $('con-correo').hidden = !telefono;
    $('correo').required = !telefono;
    $('celular').required = telefono;
  }
  document.querySelectorAll('input[name=canal]').forEach((one) => one.addEventListener('change', canal));

  al('paso-correo', async () => {
    decir('Enviando…');
    const adonde = porTelefono() ? { canal: 'telefono', telefono: $('celular').value } : { canal: 'correo', correo: $('correo').value };
    const enviado = await pedir('/codigos', adonde).finally(() => decir(''));
    solicitud = enviado.solicitud;
    decir(porTelefono() ? 'Código enviado a su celular.' : 'Código enviado. Revise también el correo no deseado.');
    mostrar('paso-codigo');
  });
  $('otro-correo').addEventListener('click', () => { decir(''); fallar(''); mostrar('paso-correo'); });

  al('paso-codigo', async () => {
    if (!sesion) sesion = (await pedir('/codigos/verificar', { solicitud, codigo: $('codigo').value })).sesion;
    const hora = { sesion, sede_id: dato.sede, servicio_id: dato.servicio, inicio: dato.inicio };
    if (dato.medico) hora.medico_id = dato.medico;
    contar((await pedir('/retener', hora)).hasta);
    const vista = await pedir('/sesion', { sesion });
    conocido = vista.conocido;
    mascotas(vista.mascotas);
    decir('');
    mostrar('paso-datos');
  });

  al('paso-datos', async () => {
    const reserva = { sesion, acepta_condiciones: dato.condiciones, consiente: $('recordatorios').checked ? ['recordatorios'] : [] };
    if (elegida()) reserva.mascota_id = elegida();
    else reserva.mascota = { nombre: $('m-nombre').value, especie: $('m-especie').value, sexo: $('m-sexo').value };
    if (!conocido) {
      reserva.tutor = { nombres: $('t-nombres').value, apellidos: $('t-apellidos').value };
      if (!porTelefono() && $('t-telefono').value) reserva.tutor.telefono = $('t-telefono').value;
      if (porTelefono() && $('t-correo').value) reserva.tutor.correo = $('t-correo').value;
    }
    if ($('motivo').value.trim()) reserva.motivo = $('motivo').value.trim();
    const hecha = await pedir('/confirmar', reserva);
    clearInterval(reloj);
    $('reloj').hidden = true;
    const [pedida, reservada] = porTelefono()
      ? ['Recibimos su solicitud. Guarde el enlace para ver la respuesta.', 'Su cita está reservada. Guarde el enlace para verla o anularla.']
      : ['Recibimos su solicitud. La sede le responderá por correo.', 'Su cita está reservada. Le enviamos un correo.'];
    $('hecho-texto').textContent = hecha.estado === 'pendiente' ? pedida : reservada;
    $('hecho-gestion').href = hecha.ruta;
    $('hecho-calendario').href = `/reservar/-/${hecha.ruta.split('/').pop()}/cita.ics`;
    mostrar('hecho');
  });

  mostrar('paso-correo');
})();

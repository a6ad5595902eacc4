import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { api, cuerpo, version } from '@/api/cliente';
import { avisar, avisarFalla } from '@/app/avisos';
import { useEdicion } from '@/comun/edicion';
import { Forma } from '@/comun/Forma';
import { useEnvio } from '@/comun/formulario';
import { CamposPersona, cuerpoDePersona, useReglas, valoresDe, type ValoresPersona } from './Campos';
import { nombreDe, renovarPersonal, type Persona } from './datos';

export const DatosPersona = ({ persona, edita }: { persona: Persona; edita: boolean }) => (edita ? <Editar key={persona.id} persona={persona} /> : <Leer persona={persona} />);

function Leer({ persona }: { persona: Persona }) {
  const { t } = useTranslation('personal');
  const filas: [string, string | null | undefined][] = [
    ['correo', persona.correo],
    ['telefono', persona.telefono],
    ['documento', persona.documento && `${t(`documento.${persona.documento.tipo}`)} ${persona.documento.numero}`],
    ['cmvp', persona.cmvp],
  ];
  return (
    <dl className="lineas-datos">
      {filas
        .filter(([, valor]) => valor)
        .map(([clave, valor]) => (
          <div key={clave}>
            <dt className="tenue chico">{t(`campo.${clave}`)}</dt>
            <dd>{valor}</dd>
          </div>
        ))}
    </dl>
  );
}

async function cambiar(persona: Persona, body: ReturnType<typeof cuerpoDePersona>): Promise<Persona> {
  const hecha = await cuerpo(api.PUT('/api/v1/usuarios/{id}', { params: { path: { id: persona.id }, header: { 'If-Match': version(persona) } }, body }));
  await renovarPersonal();
  return hecha as Persona;
}

function Editar({ persona }: { persona: Persona }) {
  const { t } = useTranslation('personal');
  const formulario = useForm({ initialValues: valoresDe(persona), validate: useReglas() });
  const envio = useEnvio(formulario as never);
  const { base, tomar, guardando } = useEdicion(formulario, persona, version(persona), valoresDe);
  const guardar = (v: ValoresPersona) =>
    envio.enviar(async () => {
      const antes = cuerpoDePersona(valoresDe(base.fila));
      const hecha = await guardando(() => cambiar(base.fila, cuerpoDePersona(v)), renovarPersonal);
      tomar(hecha, version(hecha));
      avisar({ tono: 'bien', titulo: t('guardada', { nombre: nombreDe(hecha) }), deshacer: () => cambiar(hecha, antes).then(() => undefined, avisarFalla) });
    });
  return (
    <Forma envio={envio} guardar={t('app:guardar')} inactivo={!formulario.isDirty()} alEnviar={formulario.onSubmit((v) => void guardar(v))}>
      <CamposPersona formulario={formulario} />
    </Forma>
  );
}

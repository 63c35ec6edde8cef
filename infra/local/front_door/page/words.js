// How roles, tools and values are shown. Codes come from the API; everything here is for people.

export const ROLES = {
  financial: "Financeiro",
  marketing: "Marketing",
  hr: "RH",
  support: "Suporte",
  orchestrator: "Recepção",
};

const TOOLS = {
  add_expense: "Registrou despesa",
  add_income: "Registrou receita",
  cash_flow_report: "Relatório de caixa",
  create_budget: "Criou orçamento",
  analyze_trends: "Analisou tendências",
  create_campaign: "Criou campanha",
  list_campaigns: "Listou campanhas",
  campaign_results: "Resultado de campanha",
  suggest_post: "Sugeriu postagem",
  add_employee: "Cadastrou funcionário",
  list_employees: "Listou funcionários",
  request_time_off: "Pediu folga",
  register_absence: "Registrou falta",
  answer_question: "Consultou o que a empresa publicou",
  open_ticket: "Abriu chamado",
  talk_to_human: "Chamou uma pessoa",
  greet: "Cumprimentou",
  help: "Explicou o que faz",
};

const CATEGORIES = {
  combustivel: "combustível",
  alimentacao: "alimentação",
  energia: "energia",
  agua: "água",
  internet_telefone: "internet e telefone",
  salarios: "salários",
  manutencao: "manutenção",
  material_escritorio: "material de escritório",
  servicos: "serviços",
  tarifas_bancarias: "tarifas bancárias",
  saude: "saúde",
};

const SEGMENTS = { all: "todos", active: "ativos", inactive: "inativos", new: "novos" };

const PEOPLE_ROLES = { owner: "Dono(a)", superadmin: "Dono(a)", admin: "Gestão", user: "Equipe", unknown: "Desconhecido" };

const money = new Intl.NumberFormat("pt-BR", { style: "currency", currency: "BRL" });

export const roleName = (role) => ROLES[role] ?? role;
export const toolName = (tool) => TOOLS[tool] ?? tool;
export const personRole = (role) => PEOPLE_ROLES[role] ?? role;

const ORDER = ["name", "employee", "amount", "description", "category", "position", "salary", "start", "end", "date", "month"];
const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

// A tool's arguments on one line, in the order in which a person would say them: the database keeps none.
export function described(args) {
  const { start, end, ...others } = args;
  if (start && start === end) others.start = start;
  else if (start && end) others.start = `${value("start", start)} a ${value("end", end)}`;
  else if (start || end) others.start = start || end;
  const names = Object.keys(others).sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  return names.map((name) => value(name, others[name])).filter(Boolean).join(" · ");
}

function value(name, raw) {
  if (raw === null || raw === undefined || raw === "") return "";
  if (name === "amount" || name === "salary") return Number.isFinite(Number(raw)) ? money.format(Number(raw)) : String(raw);
  if (name === "category") return CATEGORIES[raw] ?? String(raw).replaceAll("_", " ");
  if (name === "segment") return SEGMENTS[raw] ?? String(raw);
  if (name === "months") return `${raw} meses`;
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(String(raw));
  if (date) return `${date[3]}/${date[2]}/${date[1]}`;
  const month = /^(\d{4})-(\d{2})$/.exec(String(raw));
  if (month) return `${month[2]}/${month[1]}`;
  const words = typeof raw === "object" ? JSON.stringify(raw) : String(raw);
  return words.length > 60 ? `${words.slice(0, 57)}…` : words;
}

export function seconds(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toLocaleString("pt-BR", { maximumFractionDigits: 1 })} s`;
}

export function phone(number) {
  const digits = number.replace(/\D/g, "");
  const parts = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  return parts ? `+55 ${parts[1]} ${parts[2]}-${parts[3]}` : `+${digits}`;
}

export function time(at) {
  return new Date(at).toLocaleTimeString("pt-BR", { hour: "2-digit", minute: "2-digit" });
}

export function day(at) {
  const date = new Date(at);
  const midnight = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
  const ago = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (ago === 0) return "Hoje";
  if (ago === 1) return "Ontem";
  return date.toLocaleDateString("pt-BR", { day: "numeric", month: "long", year: "numeric" });
}

export function refusal(status) {
  if (status === 429) return "Recusada: muitas mensagens em um minuto. Espere um pouco e escreva de novo.";
  if (status === 401) return "Recusada: o canal não reconheceu a assinatura.";
  if (status === 404) return "Recusada: esse canal não existe nesta pilha.";
  if (status === 413) return "Recusada: mensagem grande demais.";
  if (status === 0 || status === 502 || status === 504) return "Sem resposta: a pilha local está no ar?";
  return `Não foi aceita (resposta ${status}).`;
}

export const SUGGESTIONS = [
  "gastei 150 de gasolina hoje",
  "recebi 2 mil de vendas ontem",
  "como está o caixa este mês?",
  "paguei a conta de luz",
  "quero folga de 1/12 a 10/12",
  "cria uma campanha de Natal para os clientes ativos",
  "o que você sabe fazer?",
];

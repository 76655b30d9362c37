/** Wording of answers that decline, as the parts of patterns. Every repetition is bounded, and what is read is short. */

const SOURCES =
  '(?:text|passage|document|table|context|page|report|filing|article|excerpt|information|data|statements?|source|paragraph|material)s?';
const GAP = (most: number) => `(?:[\\w'’-]{1,20}\\s){0,${most}}`;
const NOT = "(?:cannot|can\\snot|can['’]t|could\\snot|couldn['’]t)";

const ENGLISH = [
  // The speaker does not answer.
  `\\b(?:I|we)\\s(?:${NOT}|will\\snot|won['’]t)\\s${GAP(3)}(?:answer|tell|determine|provide|give|assist|comply|advise|recommend|calculate|compute|confirm|verify|know|share|disclose|discuss|respond|predict|identify|infer|conclude|say(?!\\senough)|help(?!\\sbut|ed))\\b`,
  `\\b(?:I|we)(?:\\sam|\\sare|['’]m|['’]re)\\s(?:unable|not\\s(?:able|allowed|permitted))\\sto\\b`,
  '\\bI\\s(?:must\\s|have\\sto\\s|respectfully\\s){0,2}(?:decline|refuse)\\b',
  "\\bI\\s(?:really\\s)?(?:do\\snot|don['’]t)\\sknow\\b",
  `\\bI\\s(?:do\\snot|don['’]t)\\shave\\s${GAP(4)}(?:information|data|access|knowledge|context|details?|basis)\\b`,
  '\\bI\\shave\\sno\\s(?:information|data|knowledge|idea|access|way)\\b',
  // It cannot be answered.
  `(?:${NOT}|\\bimpossible\\sto)\\s(?:be\\s)?${GAP(1)}(?:determined?|answer(?:ed)?|inferr?(?:ed)?|ascertain(?:ed)?|deduced?)\\b`,
  `${NOT}\\sbe\\s${GAP(1)}(?:calculated|computed|derived|established|concluded|known)\\s(?:from|with|given|without|based)\\b`,
  `\\b(?:no|not\\senough|insufficient|not\\ssufficient)\\s${GAP(1)}(?:information|data|evidence|context|details?)\\b(?=\\s(?:to|in|about|on|for|is|was|are)\\b|\\s{0,2}$)`,
  '\\bthere\\sis\\sno\\sway\\s(?:to|of)\\s(?:know|tell|determin|say|answer)',
  // The source does not say.
  `\\b${SOURCES}\\s${GAP(3)}(?:(?:does|do|did)(?:\\snot|n['’]t)|never)\\s${GAP(1)}(?:say|state|mention|tell|specify|contain|include|provide|give|disclose|indicate|report|reveal|answer|name)s?\\b`,
  `(?:\\bnot|n['’]t|\\bnever|\\bnowhere)\\s${GAP(2)}(?:mentioned|stated|specified|given|provided|disclosed|reported|available|included|contained|found)\\s(?:in|by|on|from)\\s(?:the|this|these|any)\\s${GAP(2)}${SOURCES}\\b`,
];

const CHINESE = [
  '(?:无法|不能|没法|难以|無法)[^，。,.]{0,6}(?:回答|确定|判断|得知|提供|给出|计算|推断|知道|得出|作答|协助|帮助|满足|確定|判斷)',
  '(?:文中|文章|材料|上下文|报告|表格|资料|题目|原文|文本|段落|财报)[^，。,.]{0,8}(?:没有|未|并未|并没有)(?:明确|直接|具体)?(?:提到|提及|说明|给出|提供|披露|指出|包含|涉及|显示|写明)',
  '(?:信息|资料|数据|条件|依据)(?:并)?(?:不足|不够)',
  '没有(?:足够的?|相关的?)(?:信息|资料|数据|依据)',
  '我(?:并)?(?:不知道|不清楚|不了解|拒绝|不便|不会回答)',
];

const JAPANESE = [
  '(?:回答|お答え|判断|特定|提供|計算|算出|確認|お伝え|断定|対応|お手伝い|推測)(?:する)?(?:こと)?(?:は|が|も)?(?:でき(?:ません|ない|かね)|いたしかね|しかね)',
  '(?:分か|わか|判り?|解)(?:りません|りかね|らない)',
  '(?:記載|言及|記述|説明|開示)(?:は|が|も)?(?:されて(?:い)?(?:ません|ない|おりません)|ありません|ございません)',
  '(?:情報|データ|資料|根拠)(?:が|は)(?:不足|足り(?:ません|ない)|不十分|ありません)',
  '(?:存じません|知りません|回答を(?:差し)?控え|お断り(?:し|いた))',
];

/** A sentence that declines. */
export const DECLINING = new RegExp([...ENGLISH, ...CHINESE, ...JAPANESE].join('|'), 'iu');

/** A whole answer that declines in a word or two, without the marks around it. */
export const DECLINING_WORDS =
  /^(?:(?:the\s)?answer(?:\sis)?:?\s)?(?:unknown|unanswerable|not\s(?:answerable|stated|given|mentioned|specified|disclosed|provided|available|known|determinable)|no\sanswer|(?:cannot|can['’]t|could\snot)\s(?:say|tell|answer|be\s(?:answered|determined|known))|insufficient\s(?:information|data)|not\senough\s(?:information|data)|不知道|未知|未提及|未披露|无法回答|无法确定|信息不足|不明(?:です)?|記載なし|情報不足|回答不能)$/iu;

/** What stands before a declining clause that is only supposed, or told of somebody. */
export const SUPPOSED =
  /(?:\b(?:if|whether|unless|until|in\scase|not\sthat|nobody\ssays)\b|如果|假如|若|即使|除非|もし|仮に)[^,，、]{0,80}$/iu;
/** What stands behind a declining clause and takes it back. */
export const TAKEN_BACK = /^[^.。]{0,12}(?:わけでは|とは限ら|とは言え)/u;

/** Turns to something else, which is what counts: "I cannot be exact, but it rose". */
export const TURN =
  /(?:^|[,;:\s—–-])(?:but|however|nevertheless|nonetheless|that\ssaid|still,|yet,)(?![\p{L}])|但是|不过|然而|可是|但(?!不)|しかし|ただし|けれども|(?<=[んす])が、/iu;

/** Sentences that send the reader elsewhere; they answer nothing. */
export const REFERRAL =
  /\b(?:consult|contact|check|refer\sto|please\s(?:provide|share|see|ask)|look\sat|speak\s(?:to|with)|seek|let\sme\sknow|help\swith\sanything|feel\sfree)\b|咨询|请(?:提供|查阅|参考|联系)|ご確認ください|お問い合わせ|ご相談|参照してください|お知らせください/iu;

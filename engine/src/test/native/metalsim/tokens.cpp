#include "tokens.h"

#include <cctype>
#include <cstdlib>
#include <set>

#include "include/metalsim_context.h"

namespace {
using std::string;

const std::map<string, int> KINDS = {{"buffer", METALSIM_BUFFER}, {"threadgroup", METALSIM_THREADGROUP},
        {"thread_position_in_grid", METALSIM_POSITION_IN_GRID}, {"threadgroup_position_in_grid", METALSIM_GROUP_IN_GRID},
        {"thread_position_in_threadgroup", METALSIM_POSITION_IN_GROUP},
        {"threads_per_threadgroup", METALSIM_THREADS_PER_GROUP}, {"threadgroups_per_grid", METALSIM_GROUPS_PER_GRID},
        {"threads_per_grid", METALSIM_THREADS_PER_GRID}, {"thread_index_in_threadgroup", METALSIM_INDEX_IN_GROUP},
        {"thread_index_in_simdgroup", METALSIM_LANE}, {"simdgroup_index_in_threadgroup", METALSIM_SIMDGROUP},
        {"simdgroups_per_threadgroup", METALSIM_SIMDGROUPS}, {"threads_per_simdgroup", METALSIM_LANES}};

const std::set<string> BANNED = {"double", "new", "delete", "virtual", "goto", "throw", "try", "catch", "dynamic_cast",
        "typeid", "std", "static", "thread_local", "mutable", "friend", "asm", "union", "class", "long", "texture2d", "sampler"};
const std::set<string> TYPES = {"float", "half", "bfloat", "int", "uint", "short", "ushort", "char", "uchar", "ulong",
        "bool", "void", "float2", "float4", "half4", "bfloat4", "uint2", "uint4", "ushort4", "uchar4", "atomic_uint"};
const std::set<string> SPACES = {"device", "constant", "threadgroup", "thread"};

bool isWord(char c) { return isalnum((unsigned char)c) || c == '_'; }

std::vector<Token> tokensOf(const string& s) {
    std::vector<Token> tokens;
    bool lineStart = true;
    for (size_t i = 0; i < s.size();) {
        if (s[i] == '\n') { lineStart = true; i++; continue; }
        if (isspace((unsigned char)s[i])) { i++; continue; }
        if (s[i] == '#' && lineStart) {
            while (i < s.size() && s[i] != '\n') i++;
            continue;
        }
        lineStart = false;
        size_t begin = i;
        if (isdigit((unsigned char)s[i])) {
            while (i < s.size() && (isWord(s[i]) || s[i] == '.' || ((s[i] == '-' || s[i] == '+') && (s[i - 1] == 'e' || s[i - 1] == 'E') && s[begin + 1] != 'x'))) i++;
        } else if (isWord(s[i])) {
            while (i < s.size() && isWord(s[i])) i++;
        } else if (s[i] == '"' || s[i] == '\'') {
            char quote = s[i++];
            while (i < s.size() && s[i] != quote) i += s[i] == '\\' ? 2 : 1;
            i++;
        } else {
            i++;
        }
        tokens.push_back({s.substr(begin, i - begin), begin, i});
    }
    return tokens;
}

class Rewriter {
public:
    explicit Rewriter(const string& source) : source(source), tokens(tokensOf(source)) { result.text = source; }

    Rewritten run() {
        lint();
        int parentheses = 0, braces = 0;
        Kernel* inside = nullptr;
        for (size_t i = 0; i < tokens.size(); i++) {
            const string& t = tokens[i].text;
            if (t == "(") parentheses++;
            if (t == ")") parentheses--;
            if (t == "{") braces++;
            if (t == "}" && --braces == 0) inside = nullptr;
            if (isAttribute(i)) {
                i = attribute(i);
            } else if (t == "kernel") {
                size_t after = kernelHead(i);
                if (after == i) continue;
                inside = &result.kernels.back();
                i = after;
            } else if (t == "threadgroup" && parentheses == 0 && braces > 0 && declaresVariable(i)) {
                if (!inside) {
                    error(i, "a threadgroup variable outside a kernel's body");
                } else {
                    inside->hasThreadgroupVariables = true;
                    inserts.push_back({tokens[i].begin, "static __attribute__((section(\"tg_" + inside->name + "\"))) "});
                }
            }
        }
        for (size_t k = inserts.size(); k-- > 0;) result.text.insert(inserts[k].first, inserts[k].second);
        return result;
    }

private:
    const string& source;
    std::vector<Token> tokens;
    Rewritten result;
    std::vector<std::pair<size_t, string>> inserts;

    void error(size_t token, const string& what) {
        size_t position = tokens[token].begin;
        string file = "program_source";
        long line = 0;
        for (size_t i = 0; i < position;) {
            size_t end = source.find('\n', i);
            if (end == string::npos || end >= position) break;
            // A line marker of the preprocessor: # number "file".
            if (source[i] == '#') {
                line = atol(source.c_str() + i + 2) - 1;
                size_t quote = source.find('"', i);
                if (quote < end) file = source.substr(quote + 1, source.find('"', quote + 1) - quote - 1);
            } else {
                line++;
            }
            i = end + 1;
        }
        result.errors += file + ":" + std::to_string(line + 1) + ": error: " + what + "\n";
    }

    const string& text(size_t i) const {
        static const string none;
        return i < tokens.size() ? tokens[i].text : none;
    }
    bool isAttribute(size_t i) const { return text(i) == "[" && text(i + 1) == "[" && tokens[i].end == tokens[i + 1].begin; }
    size_t attributeEnd(size_t i) const {
        while (i < tokens.size() && !(text(i) == "]" && text(i + 1) == "]")) i++;
        return i + 1;
    }
    void blank(size_t begin, size_t end) {
        for (size_t k = begin; k < end; k++) if (result.text[k] != '\n') result.text[k] = ' ';
    }

    size_t attribute(size_t i) {
        size_t end = attributeEnd(i);
        const string& name = text(i + 2);
        if (name == "function_constant") {
            result.constants.push_back({text(i - 1), atoi(text(i + 4).c_str())});
            // Set before each dispatch, so it can't be constant here.
            for (size_t k = i; k-- > 0;) {
                if (text(k) == "constant") { blank(tokens[k].begin, tokens[k].end); break; }
            }
        } else if (name != "max_total_threads_per_threadgroup" && !KINDS.count(name)) {
            error(i, "the attribute " + name + " is outside the subset");
        }
        blank(tokens[i].begin, tokens[end].end);
        return end;
    }

    bool declaresVariable(size_t i) const {
        const string& before = text(i - 1);
        if (before != "{" && before != ";" && before != "}") return false;
        for (size_t k = i + 1; k < tokens.size() && text(k) != ";" && text(k) != "=" && text(k) != "["; k++) {
            if (text(k) == "*" || text(k) == "&") return false;
        }
        return true;
    }

    // From "kernel" to the parameters' closing parenthesis.
    size_t kernelHead(size_t i) {
        Kernel k;
        k.name = text(i + 2);
        if (text(i + 1) != "void" || text(i + 3) != "(") {
            error(i, "expected kernel void name(");
            return i;
        }
        std::set<int> buffers;
        Parameter parameter = {-1, 0};
        bool any = false;
        int depth = 0;
        size_t at = i + 3;
        for (;; at++) {
            const string& t = text(at);
            if (t == "(" || t == "<") depth++;
            bool last = (t == ")" && depth == 1) || at + 1 >= tokens.size();
            if (last || (t == "," && depth == 1)) {
                if (any && parameter.kind < 0) error(at, k.name + ": parameter " + std::to_string(k.parameters.size()) + " has no known attribute");
                if (parameter.kind == METALSIM_BUFFER && !buffers.insert(parameter.index).second) {
                    error(at, k.name + ": two parameters have the buffer index " + std::to_string(parameter.index));
                }
                if (parameter.kind == METALSIM_BUFFER && parameter.index >= METALSIM_BUFFERS) error(at, k.name + ": buffer indices end at 30");
                if (any) k.parameters.push_back(parameter);
                parameter = {-1, 0};
                any = false;
                if (last) break;
                continue;
            }
            if (t == ")" || t == ">") depth--;
            if (at > i + 3) any = true;
            if (isAttribute(at)) {
                auto kind = KINDS.find(text(at + 2));
                if (kind != KINDS.end()) parameter.kind = kind->second;
                if (text(at + 3) == "(") parameter.index = atoi(text(at + 4).c_str());
                size_t end = attributeEnd(at);
                blank(tokens[at].begin, tokens[end].end);
                at = end;
            }
        }
        result.kernels.push_back(k);
        return at;
    }

    void lint() {
        for (size_t i = 1; i + 1 < tokens.size(); i++) {
            const string& t = tokens[i].text;
            if (BANNED.count(t)) error(i, "'" + t + "' is outside the subset");
            bool hexadecimal = t.size() > 1 && t[1] == 'x';
            bool real = t.find('.') != string::npos || (!hexadecimal && t.find('e') != string::npos);
            if (isdigit((unsigned char)t[0]) && real && t.back() != 'f' && t.back() != 'h') error(i, "the literal " + t + " needs the suffix f or h");
            bool typeBefore = TYPES.count(tokens[i - 1].text);
            if ((t == "*" || t == "&") && typeBefore && !hasSpace(i)) {
                error(i, "a pointer or reference to " + tokens[i - 1].text + " without an address space");
            }
            if ((t == "if" || t == "for" || t == "while") && text(i + 1) != "(") error(i, "expected ( after " + t);
            if (t == "[" && i > 0 && text(i + 1) == "]" && !isAttribute(i - 1)) error(i, "lambdas are outside the subset");
        }
    }

    bool hasSpace(size_t i) const {
        while (i-- > 0) {
            const string& t = tokens[i].text;
            if (SPACES.count(t)) return true;
            if (t == "(" || t == "," || t == ";" || t == "{" || t == "}" || t == "<") return false;
        }
        return false;
    }
};
}  // namespace

Rewritten rewrite(const std::string& source) { return Rewriter(source).run(); }

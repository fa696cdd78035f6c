#include "program.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "finding.h"
#include "tokens.h"

namespace {
using std::string;

string contentsOf(const string& path) {
    std::ifstream file(path);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
}

string ownPath() {
    Dl_info info;
    char path[4096];
    if (!dladdr((void*)&compile, &info) || !realpath(info.dli_fname, path)) abort();
    return path;
}

string compiler() {
    const char* named = getenv("ATELIER_METALSIM_CLANG");
    return named ? named : "clang++-19";
}

uint64_t hashOf(const string& text) {
    uint64_t hash = 14695981039346656037ull;
    for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ull;
    return hash;
}

// Includes of the standard library leave empty lines, so that numbers stay.
string withoutLibrary(const string& source) {
    std::istringstream in(source);
    std::ostringstream out;
    for (string line; getline(in, line);) {
        size_t start = line.find_first_not_of(" \t");
        bool directive = start != string::npos && line[start] == '#';
        if (directive && line.find("include") != string::npos && line.find("<metal_") != string::npos) line = "";
        out << line << "\n";
    }
    return out.str();
}

string flags() {
    string f = " -x c++ -std=c++14 -O1 -g1 -fPIC -shared -fvisibility=hidden -nostdinc++ -ffp-contract=off"
               " -Xclang -ffloat16-excess-precision=none -Xclang -fbfloat16-excess-precision=none -fno-exceptions -fno-rtti"
               " -fno-color-diagnostics -Wall -Wextra -Werror=implicit-float-conversion -Werror=shorten-64-to-32"
               " -Werror=return-type -Werror=conditional-uninitialized -Werror=uninitialized -Wno-unused -Wno-unused-parameter"
               " -Wno-duplicate-decl-specifier -Wno-ignored-attributes -Wno-vla-cxx-extension";
#if defined(__x86_64__)
    f += " -mavx2 -mfma -mf16c";
#endif
    if (options.check) {
        f += " -fsanitize=kernel-address -mllvm -asan-instrumentation-with-call-threshold=0 -mllvm -asan-stack=0"
             " -mllvm -asan-globals=0 -mllvm -asan-use-after-scope=0 -mllvm -asan-opt-same-temp=0"
             " -mllvm -asan-kernel-mem-intrinsic-prefix=1";
    }
    return f;
}

// Tables that tell the executor how to call each kernel.
string glue(const Rewritten& source) {
    std::ostringstream out, table;
    out << "\n#line 1 \"metalsim_glue\"\n";
    for (auto& k : source.kernels) {
        out << "static const metalsim_parameter metalsim_parameters_" << k.name << "[] = {";
        for (auto& p : k.parameters) out << "{" << p.kind << ", " << p.index << "}, ";
        out << "{0, 0}};\nstatic_assert((int)metalsim::signature<decltype(" << k.name << ")>::count == " << k.parameters.size()
            << ", \"parameters\");\n"
            << "METALSIM_UNCHECKED static void metalsim_run_" << k.name << "(const metalsim_context* c) { metalsim::call(&"
            << k.name << ", c, metalsim_parameters_" << k.name << "); }\n";
        if (k.hasThreadgroupVariables) {
            out << "extern \"C\" __attribute__((weak, visibility(\"hidden\"))) char __start_tg_" << k.name << "[], __stop_tg_" << k.name << "[];\n";
        }
        string start = k.hasThreadgroupVariables ? "__start_tg_" + k.name : "nullptr";
        string stop = k.hasThreadgroupVariables ? "__stop_tg_" + k.name : "nullptr";
        table << "{\"" << k.name << "\", metalsim_run_" << k.name << ", " << k.parameters.size() << ", metalsim_parameters_"
              << k.name << ", metalsim::signature<decltype(" << k.name << ")>::sizes, " << start << ", " << stop << "},\n";
    }
    out << "#pragma GCC visibility push(default)\nextern \"C\" metalsim_kernel metalsim_kernels[] = {" << table.str()
        << "{nullptr, nullptr, 0, nullptr, nullptr, nullptr, nullptr}};\nextern \"C\" metalsim_constant metalsim_constants[] = {";
    for (auto& c : source.constants) {
        out << "{\"" << c.name << "\", " << c.index << ", (void*)(metalsim_address)&" << c.name << ", sizeof(" << c.name << ")},\n";
    }
    out << "{nullptr, 0, nullptr, 0}};\n#pragma GCC visibility pop\n";
    return out.str();
}

bool shell(const string& command) { return system(command.c_str()) == 0; }

// Clang takes C-style casts between address spaces without a word; Metal's compiler refuses them.
string spaceCasts(const string& directory, const string& include) {
    string log = directory + "/casts";
    shell("cd '" + directory + "' && " + compiler() + flags() + " -w -fsyntax-only -Xclang -ast-dump -I '" + include
            + "' kernels.cpp 2>/dev/null | grep AddressSpaceConversion | grep -v metal_stdlib >" + log);
    return contentsOf(log);
}

bool build(const string& source, const string& object, string& error) {
    string directory = object + ".parts-" + std::to_string(getpid());
    mkdir(directory.c_str(), 0755);
    string own = ownPath();
    string home = own.substr(0, own.rfind('/'));
    string log = directory + "/log";
    std::ofstream(directory + "/program_source") << withoutLibrary(source);
    bool fine = false;
    if (!shell("cd '" + directory + "' && " + compiler()
                + " -E -x c++ -std=c++14 -D__METAL_VERSION__=310 -D__METAL__ program_source -o preprocessed 2>" + log)) {
        error = contentsOf(log);
    } else {
        Rewritten rewritten = rewrite(contentsOf(directory + "/preprocessed"));
        std::ofstream(directory + "/kernels.cpp") << "#include <metal_stdlib>\n" << rewritten.text << glue(rewritten);
        error = rewritten.errors;
        if (error.empty()) {
            string casts = spaceCasts(directory, home + "/include");
            if (!casts.empty()) error = "error: a cast between address spaces: " + casts;
        }
        if (error.empty()) {
            fine = shell("cd '" + directory + "' && " + compiler() + flags() + " -I '" + home + "/include' kernels.cpp -o kernels.so -x none '"
                    + own + "' -Wl,-rpath,'" + home + "' 2>" + log);
            if (!fine) error = contentsOf(log);
        }
    }
    if (fine) rename((directory + "/kernels.so").c_str(), object.c_str());
    shell("rm -rf '" + directory + "'");
    return fine;
}

Program* load(const string& object, string& error) {
    Program* program = new Program();
    program->objectFile = object;
    program->handle = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!program->handle) {
        error = dlerror();
        delete program;
        return nullptr;
    }
    for (auto* k = (metalsim_kernel*)dlsym(program->handle, "metalsim_kernels"); k->name; k++) program->kernels.push_back(*k);
    for (auto* c = (metalsim_constant*)dlsym(program->handle, "metalsim_constants"); c->name; c++) program->constants.push_back(*c);
    struct link_map* map;
    dlinfo(program->handle, RTLD_DI_LINKMAP, &map);
    program->low = map->l_addr;
    std::ifstream maps("/proc/self/maps");
    for (string line; getline(maps, line);) {
        unsigned long begin, end;
        if (line.find(object) != string::npos && sscanf(line.c_str(), "%lx-%lx", &begin, &end) == 2 && end > program->high) program->high = end;
    }
    return program;
}
}  // namespace

Program* compile(const string& source, string& error) {
    static std::map<string, Program*> loaded;
    string own = ownPath();
    struct stat built;
    stat(own.c_str(), &built);
    string cache = own.substr(0, own.rfind('/')) + "/cache";
    mkdir(cache.c_str(), 0755);
    char name[80];
    snprintf(name, sizeof name, "/%016llx%s.so",
            (unsigned long long)hashOf(source + flags() + own + std::to_string(built.st_mtim.tv_sec)), options.check ? "-checked" : "");
    string object = cache + name;
    auto known = loaded.find(object);
    if (known != loaded.end()) return known->second;
    if (access(object.c_str(), R_OK) != 0 && !build(source, object, error)) return nullptr;
    return loaded[object] = load(object, error);
}

#include "finding.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <vector>

Options options;

namespace {
std::mutex lock;
std::vector<std::string> findings;
const size_t MOST_FINDINGS = 200;

void profile(const std::string& name) {
    if (name == "small") {
        options.maxBufferLength = (size_t)512 << 10;
        options.workingSetBytes = (size_t)256 << 20;
        options.maxThreads = 256;
        options.deviceName = "Simulated small Apple GPU";
    } else if (name == "paravirtual") {
        options.family = 1005;
        options.maxBufferLength = (size_t)3584 << 20;
        options.workingSetBytes = (size_t)4700 << 20;
        options.deviceName = "Simulated paravirtual device";
    } else if (name == "macos14") {
        options.residencySets = false;
    } else if (name == "width64") {
        options.simdWidth = 64;
    } else {
        fprintf(stderr, "[metalsim] no profile is named %s\n", name.c_str());
        abort();
    }
}

void option(const std::string& key, const std::string& value) {
    if (key == "reset") options = Options();
    else if (key == "check") options.check = value != "off";
    else if (key == "verbose") options.verbose = true;
    else if (key == "order") options.order = value == "backward" ? 1 : value == "shuffled" ? 2 : 0;
    else if (key == "nudge") options.nudgeUlps = atoi(value.c_str());
    else if (key == "page") options.pageBytes = strtoull(value.c_str(), nullptr, 10);
    else if (key == "profile") profile(value);
    else if (key == "fault") {
        size_t colon = value.find(':');
        options.fault = value.substr(0, colon);
        options.faultAt = colon == std::string::npos ? 0 : atol(value.c_str() + colon + 1);
    } else {
        fprintf(stderr, "[metalsim] no option is named %s\n", key.c_str());
        abort();
    }
}

void summary() {
    if (getenv("ATELIER_METALSIM") && options.check) {
        fprintf(stderr, "[metalsim] checker on, %zu findings\n", findings.size());
        for (auto& each : findings) fprintf(stderr, "[metalsim] %s\n", each.c_str());
    }
}

// Defined behind the options and findings, so that it is made after and ends before them.
struct Environment {
    Environment() {
        if (const char* text = getenv("ATELIER_METALSIM")) configure(text);
    }
    // Commands that run their Metal path here are told at the end.
    ~Environment() { summary(); }
} environment;
}  // namespace

void configure(const char* text) {
    std::stringstream all(text);
    std::string each;
    while (getline(all, each, ',')) {
        size_t equals = each.find('=');
        option(each.substr(0, equals), equals == std::string::npos ? "" : each.substr(equals + 1));
    }
}

void finding(const std::string& sentence) {
    std::lock_guard<std::mutex> guard(lock);
    if (options.verbose) fprintf(stderr, "[metalsim] %s\n", sentence.c_str());
    if (findings.size() < MOST_FINDINGS) findings.push_back(sentence);
}

extern "C" {
__attribute__((visibility("default"))) void metalsim_configure(const char* text) { configure(text); }
__attribute__((visibility("default"))) int metalsim_finding_count() {
    std::lock_guard<std::mutex> guard(lock);
    return (int)findings.size();
}
__attribute__((visibility("default"))) const char* metalsim_finding(int index) {
    std::lock_guard<std::mutex> guard(lock);
    return index < (int)findings.size() ? findings[index].c_str() : "";
}
__attribute__((visibility("default"))) void metalsim_forget_findings() {
    std::lock_guard<std::mutex> guard(lock);
    findings.clear();
}
}

// What the simulator noticed, and how it was told to behave.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

struct Options {
    bool check = false;         // accesses, races, alignment
    bool verbose = false;       // findings go to the standard error stream at once
    int order = 0;              // of threads and threadgroups: 0 forward, 1 backward, 2 shuffled
    int nudgeUlps = 0;          // how far transcendental functions are off
    size_t pageBytes = 0;       // 0: the machine's
    size_t maxBufferLength = (size_t)16 << 30;
    size_t workingSetBytes = (size_t)12 << 30;
    unsigned maxThreads = 1024; // per threadgroup, what a pipeline says
    unsigned simdWidth = 32;
    long family = 1009;         // highest Apple family reported
    bool residencySets = true;  // macOS 15 and later
    std::string deviceName = "Simulated Apple GPU";
    std::string fault;          // none, device, library, buffer, error, errors, hang
    long faultAt = 0;           // how many buffers or command buffers go well before it
    long buffersMade = 0;       // since the options were last reset
    long commandBuffersRun = 0;
};

extern Options options;
// "check,order=shuffled,profile=small": comma-separated; what is not named stays.
void configure(const char* text);
void finding(const std::string& sentence);

// Runs one dispatch of a compiled kernel: threadgroups one after the other, their threads as fibers.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "include/metalsim_context.h"

// Who read a grain of memory since the last barrier.
enum class Readers : uint8_t { ONE, LANES, SIMDGROUPS, GROUPS };

// Who touched a grain of memory last.
struct Grain {
    uint32_t writeDispatch = 0, writeGroup = 0, readDispatch = 0, readGroup = 0;
    uint16_t writeThread = 0, writeEpoch = 0, writeSimdEpoch = 0;
    uint16_t readThread = 0, readEpoch = 0, readSimdEpoch = 0;
    Readers readers = Readers::ONE;
};
const size_t GRAIN_BYTES = 2;

// The history of a buffer, made page by page where kernels touch it.
class History {
public:
    explicit History(size_t lengthBytes);
    Grain& at(size_t offset);
    bool written = false;

private:
    static const size_t PAGE_GRAINS = 2048;
    std::vector<std::unique_ptr<Grain[]>> pages;
};

struct BoundRange {
    uint8_t* start;
    size_t lengthBytes;
    History* history;
    std::string label;
    int index;
};

// A loaded library.
struct Program {
    void* handle = nullptr;
    std::string objectFile;
    uintptr_t low = 0, high = 0;
    std::vector<metalsim_kernel> kernels;
    std::vector<metalsim_constant> constants;
};

struct Dispatch {
    const Program* program;
    const metalsim_kernel* kernel;
    const void* buffers[METALSIM_BUFFERS + 1];
    size_t threadgroupBytes[METALSIM_THREADGROUP_BUFFERS];
    unsigned groups[3], group[3], threads[3];  // threads: 0 unless the grid may cut the last groups
    std::vector<BoundRange> ranges;
    uint32_t id;
    uint32_t orderedBefore;  // dispatches with a smaller id are complete and visible
};

// Returns false after something that a GPU would not survive.
bool execute(Dispatch& dispatch);

// --- for the checker
struct Running {
    Dispatch* dispatch;
    uint32_t group;
    unsigned thread;
    unsigned simdgroup;
    uint16_t epoch[2], simdEpoch[2];  // [0] device, [1] threadgroup
    const uint8_t* stack;
    size_t stackBytes;
    uint8_t* dynamicMemory;
    size_t dynamicBytes;
    std::vector<Grain>* threadgroupHistory;
};
// False when no dispatch runs on this thread.
bool running(Running& now);
std::string whoRuns();
[[noreturn]] void endDispatch();

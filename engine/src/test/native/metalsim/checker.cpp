// Receives every memory access of instrumented kernels: bounds, alignment, uninitialised threadgroup memory, races.
#include <cstdio>
#include <cstring>
#include <map>

#include "executor.h"
#include "finding.h"

namespace {
// The line of the source that a return address belongs to; addr2line is slow, so answers are kept.
std::string lineOf(const Program& program, void* returnAddress) {
    static std::map<std::pair<std::string, uintptr_t>, std::string> known;
    uintptr_t offset = (uintptr_t)returnAddress - 1 - program.low;
    std::string& answer = known[{program.objectFile, offset}];
    if (!answer.empty()) return answer;
    char command[700];
    snprintf(command, sizeof command, "addr2line -s -i -e '%s' 0x%lx 2>/dev/null", program.objectFile.c_str(), (unsigned long)offset);
    if (FILE* pipe = popen(command, "r")) {
        char line[300];
        while (fgets(line, sizeof line, pipe)) {
            answer = std::string(line, strcspn(line, "\n"));
            if (answer.find("metal_stdlib") == std::string::npos) break;
        }
        pclose(pipe);
    }
    if (answer.empty()) answer = "an unknown line";
    return answer;
}

struct Access {
    const Running& by;
    bool writes;
    void* returnAddress;
    const char* memory;
    size_t offset;
    const BoundRange* range = nullptr;
};

std::string at(const Access& a) {
    return whoRuns() + " at " + lineOf(*a.by.dispatch->program, a.returnAddress) + ": ";
}

void conflict(const Access& a, bool sameDispatch, bool earlierWrites, unsigned otherThread) {
    std::string what = sameDispatch
            ? (std::string(earlierWrites ? "write/" : "read/") + (a.writes ? "write race" : "read race"))
            : std::string("hazard between dispatches without a barrier, after an earlier ") + (earlierWrites ? "write" : "read");
    finding(at(a) + what + " in " + a.memory + " memory" + (a.range ? " of " + a.range->label : "") + " at offset "
            + std::to_string(a.offset) + ", with thread " + std::to_string(otherThread));
}

// Whether somebody else's read in this dispatch may happen after the write.
bool readMayFollow(const Access& a, const Grain& g, int memory) {
    if (g.readers == Readers::GROUPS || g.readGroup != a.by.group) return true;
    if (g.readEpoch != a.by.epoch[memory]) return false;
    if (g.readers == Readers::SIMDGROUPS || g.readThread / 32 != a.by.simdgroup) return true;
    // Shuffles order what lanes do, not what memory sees: only a barrier does both.
    return g.readSimdEpoch == a.by.simdEpoch[memory] && (g.readers == Readers::LANES || g.readThread != a.by.thread);
}

Readers readersWith(const Access& a, const Grain& g, int memory) {
    if (g.readDispatch != a.by.dispatch->id) return Readers::ONE;
    if (g.readers == Readers::GROUPS || g.readGroup != a.by.group) return Readers::GROUPS;
    if (g.readEpoch != a.by.epoch[memory]) return Readers::ONE;
    if (g.readers == Readers::SIMDGROUPS || g.readThread / 32 != a.by.simdgroup) return Readers::SIMDGROUPS;
    if (g.readSimdEpoch != a.by.simdEpoch[memory]) return Readers::ONE;
    return g.readers == Readers::LANES || g.readThread != a.by.thread ? Readers::LANES : Readers::ONE;
}

// Whether the grain's last write happened before this access.
bool writeIsSeen(const Access& a, const Grain& g, int memory) {
    if (g.writeDispatch == 0) return true;
    if (g.writeDispatch != a.by.dispatch->id) return memory == 1 || g.writeDispatch < a.by.dispatch->orderedBefore;
    if (g.writeGroup != a.by.group) return false;
    if (g.writeThread == a.by.thread || g.writeEpoch != a.by.epoch[memory]) return true;
    return g.writeThread / 32 == a.by.simdgroup && g.writeSimdEpoch != a.by.simdEpoch[memory];
}

bool touch(const Access& a, Grain& g, int memory) {
    uint32_t id = a.by.dispatch->id;
    if (memory == 1 && !a.writes && g.writeDispatch != id) {
        finding(at(a) + "reads threadgroup memory that was never written, at offset " + std::to_string(a.offset));
        return false;
    }
    if (!writeIsSeen(a, g, memory)) {
        conflict(a, g.writeDispatch == id, true, g.writeThread);
        return false;
    }
    if (a.writes) {
        bool early = g.readDispatch == id ? readMayFollow(a, g, memory)
                : g.readDispatch != 0 && memory == 0 && g.readDispatch >= a.by.dispatch->orderedBefore;
        if (early) {
            conflict(a, g.readDispatch == id, false, g.readThread);
            return false;
        }
        g.writeDispatch = id;
        g.writeGroup = a.by.group;
        g.writeThread = (uint16_t)a.by.thread;
        g.writeEpoch = a.by.epoch[memory];
        g.writeSimdEpoch = a.by.simdEpoch[memory];
    } else {
        g.readers = readersWith(a, g, memory);
        g.readDispatch = id;
        g.readGroup = a.by.group;
        g.readThread = (uint16_t)a.by.thread;
        g.readEpoch = a.by.epoch[memory];
        g.readSimdEpoch = a.by.simdEpoch[memory];
    }
    return true;
}

template <class Find> void touchAll(Access a, size_t bytes, int memory, Find grainAt) {
    size_t start = a.offset;
    for (size_t o = start / GRAIN_BYTES * GRAIN_BYTES; o < start + bytes; o += GRAIN_BYTES) {
        a.offset = o;
        if (!touch(a, grainAt(o), memory)) return;
    }
}

void outOfBounds(const Access& a, uintptr_t address, size_t bytes) {
    const BoundRange* nearest = nullptr;
    for (auto& range : a.by.dispatch->ranges) {
        if (address >= (uintptr_t)range.start && (!nearest || range.start > nearest->start)) nearest = &range;
    }
    std::string what = at(a) + (a.writes ? "write" : "read") + " of " + std::to_string(bytes) + " bytes out of bounds";
    if (nearest) {
        what += "; the nearest buffer, index " + std::to_string(nearest->index) + " (" + nearest->label + "), has "
                + std::to_string(nearest->lengthBytes) + " bytes, the access is at offset "
                + std::to_string(address - (uintptr_t)nearest->start);
    }
    finding(what);
    endDispatch();
}

void check(uintptr_t address, size_t bytes, bool writes, void* returnAddress, bool atomic) {
    Running by;
    if (!running(by) || address - (uintptr_t)by.stack < by.stackBytes) return;
    Access a = {by, writes, returnAddress, "device", 0, nullptr};
    if ((bytes & (bytes - 1)) == 0 && bytes <= 16 && address % bytes) {
        finding(at(a) + "misaligned " + (writes ? "write" : "read") + " of " + std::to_string(bytes) + " bytes");
    }
    const metalsim_kernel& kernel = *by.dispatch->kernel;
    size_t inDynamic = address - (uintptr_t)by.dynamicMemory;
    size_t inStatic = address - (uintptr_t)kernel.threadgroupStart;
    size_t staticBytes = kernel.threadgroupEnd - kernel.threadgroupStart;
    bool dynamic = inDynamic < by.dynamicBytes;
    if (dynamic || inStatic < staticBytes) {
        size_t room = dynamic ? by.dynamicBytes - inDynamic : staticBytes - inStatic;
        if (bytes > room) outOfBounds(a, address, bytes);
        a.memory = "threadgroup";
        a.offset = dynamic ? inDynamic : inStatic;
        size_t shift = dynamic ? 0 : by.dynamicBytes;
        if (!atomic) touchAll(a, bytes, 1, [&](size_t o) -> Grain& { return (*by.threadgroupHistory)[(o + shift) / GRAIN_BYTES]; });
        return;
    }
    for (auto& range : by.dispatch->ranges) {
        size_t offset = address - (uintptr_t)range.start;
        if (offset >= range.lengthBytes || bytes > range.lengthBytes - offset) continue;
        if (atomic || !range.history) return;
        // Buffers that no kernel ever writes, the weights, keep no history.
        if (writes) range.history->written = true;
        if (!range.history->written) return;
        a.offset = offset;
        a.range = &range;
        touchAll(a, bytes, 0, [&](size_t o) -> Grain& { return range.history->at(o); });
        return;
    }
    if (!writes && address >= by.dispatch->program->low && address < by.dispatch->program->high) return;
    outOfBounds(a, address, bytes);
}
}  // namespace

// Names that clang's outlined kernel-address instrumentation calls.
#define EXPORT extern "C" __attribute__((visibility("default")))
#define SIZED(n)                                                                                                          \
    EXPORT void __asan_load##n##_noabort(uintptr_t a) { check(a, n, false, __builtin_return_address(0), false); }         \
    EXPORT void __asan_store##n##_noabort(uintptr_t a) { check(a, n, true, __builtin_return_address(0), false); }
SIZED(1)
SIZED(2)
SIZED(4)
SIZED(8)
SIZED(16)
EXPORT void __asan_loadN_noabort(uintptr_t a, size_t n) { check(a, n, false, __builtin_return_address(0), false); }
EXPORT void __asan_storeN_noabort(uintptr_t a, size_t n) { check(a, n, true, __builtin_return_address(0), false); }
EXPORT void __asan_handle_no_return() {}
EXPORT void* __asan_memcpy(void* to, const void* from, size_t n) {
    check((uintptr_t)from, n, false, __builtin_return_address(0), false);
    check((uintptr_t)to, n, true, __builtin_return_address(0), false);
    return memcpy(to, from, n);
}
EXPORT void* __asan_memset(void* to, int byte, size_t n) {
    check((uintptr_t)to, n, true, __builtin_return_address(0), false);
    return memset(to, byte, n);
}
EXPORT void* __asan_memmove(void* to, const void* from, size_t n) {
    check((uintptr_t)from, n, false, __builtin_return_address(0), false);
    check((uintptr_t)to, n, true, __builtin_return_address(0), false);
    return memmove(to, from, n);
}
EXPORT void metalsim_atomic(const volatile void* a, int n) { check((uintptr_t)a, n, true, __builtin_return_address(0), true); }

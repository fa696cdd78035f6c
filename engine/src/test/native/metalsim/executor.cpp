#include "executor.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "finding.h"

extern "C" void metalsim_switch(void** save, void* to);

// Saves what the calling convention asks a callee to keep, and goes on with another stack.
#if defined(__aarch64__)
asm(R"(
.text
.globl metalsim_switch
metalsim_switch:
    sub sp, sp, #160
    stp x19, x20, [sp]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
)");
#else
asm(R"(
.text
.globl metalsim_switch
metalsim_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
)");
#endif

History::History(size_t lengthBytes) : pages((lengthBytes / GRAIN_BYTES + PAGE_GRAINS) / PAGE_GRAINS) {}

Grain& History::at(size_t offset) {
    size_t grain = offset / GRAIN_BYTES;
    auto& page = pages[grain / PAGE_GRAINS];
    if (!page) page.reset(new Grain[PAGE_GRAINS]);
    return page[grain % PAGE_GRAINS];
}

namespace {
const size_t STACK_BYTES = 64 * 1024;
const int SIMD_BARRIER = 64;  // plus the memory flags

struct Fiber {
    void* stackPointer;
    uint8_t* stack = nullptr;
    metalsim_context context;
    bool done;
    unsigned meetings;
};

// A simdgroup's meeting point. Two sets of slots alternate, so that a fast lane does not overwrite what a slow one has
// still to read.
struct Simdgroup {
    int size, arrived, operation, line;
    unsigned mask, came[2];
    uint16_t epoch[2];
    bool divergenceTold;
    alignas(64) uint8_t slots[2][32][64];
};

std::vector<Fiber> fibers;
std::vector<Simdgroup> simdgroups;
std::vector<int> ready;
size_t readyHead;
int current, threadCount, alive, atBarrier, barrierLine;
bool aborted;
uint16_t epoch[2];
void* schedulerStack;
Dispatch* now = nullptr;
uint32_t groupNumber;
std::vector<uint8_t> dynamicStore;
uint8_t* dynamicMemory;
size_t dynamicBytes;
std::vector<Grain> threadgroupHistory;
std::mt19937 shuffle(20261123);

void toScheduler() { metalsim_switch(&fibers[current].stackPointer, schedulerStack); }

void begin() {
    Fiber& fiber = fibers[current];
    now->kernel->run(&fiber.context);
    fiber.done = true;
    alive--;
    toScheduler();
    abort();
}

void release(Simdgroup& group, int number) {
    unsigned mask = group.mask;
    int first = number * 32 + __builtin_ctz(mask);
    group.came[fibers[first].meetings & 1] = mask;
    group.arrived = 0;
    group.mask = 0;
    if (group.operation >= SIMD_BARRIER) {
        if (group.operation & 1) group.epoch[0]++;
        if (group.operation & 2) group.epoch[1]++;
    }
    for (int i = 0; i < group.size; i++) {
        if (mask >> i & 1) ready.push_back(number * 32 + i);
    }
}

void prepareStack(Fiber& fiber) {
    if (!fiber.stack) {
        fiber.stack = (uint8_t*)mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (fiber.stack == MAP_FAILED) abort();
    }
#if defined(__aarch64__)
    void** top = (void**)(fiber.stack + STACK_BYTES - 64 - 160);
    memset(top, 0, 160);
    top[11] = (void*)begin;
    fiber.stackPointer = top;
#else
    void** top = (void**)(fiber.stack + STACK_BYTES - 64);
    *--top = nullptr;
    *--top = (void*)begin;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    fiber.stackPointer = top;
#endif
}

void prepareThread(int index, const unsigned size[3], const unsigned at[3]) {
    Fiber& fiber = fibers[index];
    metalsim_context& c = fiber.context;
    memset(&c, 0, sizeof c);
    memcpy(c.buffers, now->buffers, sizeof now->buffers);
    size_t offset = 0;
    for (int i = 0; i < METALSIM_THREADGROUP_BUFFERS; i++) {
        if (now->threadgroupBytes[i]) c.threadgroupBuffers[i] = dynamicMemory + offset;
        offset += (now->threadgroupBytes[i] + 15) / 16 * 16;
    }
    unsigned thread[3] = {index % size[0], index / size[0] % size[1], index / size[0] / size[1]};
    for (int i = 0; i < 3; i++) {
        c.positionInGroup[i] = thread[i];
        c.groupInGrid[i] = at[i];
        c.threadsPerGroup[i] = size[i];
        c.groupsPerGrid[i] = now->groups[i];
        c.positionInGrid[i] = at[i] * now->group[i] + thread[i];
        c.threadsPerGrid[i] = now->threads[i] ? now->threads[i] : now->groups[i] * now->group[i];
    }
    c.indexInGroup = index;
    c.lane = index % 32;
    c.simdgroup = index / 32;
    c.simdgroups = (threadCount + 31) / 32;
    c.lanes = 32;
    fiber.done = false;
    fiber.meetings = 0;
    prepareStack(fiber);
}

// Nobody can run: lanes wait for lanes that left or went elsewhere. Lets a part of a simdgroup go on, and says so.
bool freeDivergedLanes(int groups) {
    for (int g = 0; g < groups; g++) {
        Simdgroup& group = simdgroups[g];
        if (!group.arrived) continue;
        if (!group.divergenceTold) {
            group.divergenceTold = true;
            current = g * 32 + __builtin_ctz(group.mask);
            char text[160];
            snprintf(text, sizeof text, ": only some lanes (mask %08x) of a simdgroup reach the simd operation of line %d",
                    group.mask, group.line);
            finding(whoRuns() + text);
        }
        release(group, g);
        return true;
    }
    return false;
}

bool runGroup(const unsigned at[3]) {
    unsigned size[3];
    for (int i = 0; i < 3; i++) {
        size[i] = now->group[i];
        if (now->threads[i]) size[i] = std::min(size[i], now->threads[i] - at[i] * now->group[i]);
    }
    threadCount = size[0] * size[1] * size[2];
    alive = threadCount;
    atBarrier = 0;
    aborted = false;
    epoch[0] = epoch[1] = 1;
    int groups = (threadCount + 31) / 32;
    for (int g = 0; g < groups; g++) {
        Simdgroup& group = simdgroups[g];
        memset(&group, 0, sizeof group);
        group.size = std::min(32, threadCount - g * 32);
        group.epoch[0] = group.epoch[1] = 1;
    }
    ready.clear();
    readyHead = 0;
    for (int i = 0; i < threadCount; i++) {
        prepareThread(i, size, at);
        ready.push_back(options.order == 1 ? threadCount - 1 - i : i);
    }
    for (;;) {
        if (readyHead == ready.size()) {
            ready.clear();
            readyHead = 0;
            if (alive == 0) return true;
            if (!freeDivergedLanes(groups)) {
                for (current = 0; fibers[current].done;) current++;
                finding(whoRuns() + ": " + std::to_string(atBarrier) + " of " + std::to_string(threadCount)
                        + " threads wait for ever at the barrier of line " + std::to_string(barrierLine));
                return false;
            }
            continue;
        }
        if (options.order == 2) std::swap(ready[readyHead], ready[readyHead + shuffle() % (ready.size() - readyHead)]);
        current = ready[readyHead++];
        metalsim_switch(&schedulerStack, fibers[current].stackPointer);
        if (aborted) return false;
    }
}
}  // namespace

std::string whoRuns() {
    const metalsim_context& c = fibers[current].context;
    char text[200];
    snprintf(text, sizeof text, "kernel %s, threadgroup (%u,%u,%u), thread (%u,%u,%u)", now->kernel->name, c.groupInGrid[0],
            c.groupInGrid[1], c.groupInGrid[2], c.positionInGroup[0], c.positionInGroup[1], c.positionInGroup[2]);
    return text;
}

void endDispatch() {
    aborted = true;
    toScheduler();
    abort();
}

bool running(Running& r) {
    if (!now) return false;
    Simdgroup& group = simdgroups[current / 32];
    r.dispatch = now;
    r.group = groupNumber;
    r.thread = current;
    r.simdgroup = current / 32;
    for (int i = 0; i < 2; i++) {
        r.epoch[i] = epoch[i];
        r.simdEpoch[i] = group.epoch[i];
    }
    r.stack = fibers[current].stack;
    r.stackBytes = STACK_BYTES;
    r.dynamicMemory = dynamicMemory;
    r.dynamicBytes = dynamicBytes;
    r.threadgroupHistory = &threadgroupHistory;
    return true;
}

extern "C" {
__attribute__((visibility("default"))) const unsigned char* metalsim_meet(
        const void* value, int sizeBytes, int operation, int line, unsigned* came, unsigned* lane) {
    Fiber& fiber = fibers[current];
    int number = current / 32;
    Simdgroup& group = simdgroups[number];
    unsigned self = current % 32;
    unsigned set = fiber.meetings & 1;
    if (sizeBytes > 64) abort();
    if (group.arrived && (group.operation != operation || group.line != line)) {
        finding(whoRuns() + ": lanes of one simdgroup meet in different simd operations, of lines " + std::to_string(group.line)
                + " and " + std::to_string(line));
        endDispatch();
    }
    group.operation = operation;
    group.line = line;
    memcpy(group.slots[set][self], value, sizeBytes);
    group.mask |= 1u << self;
    if (++group.arrived == group.size) release(group, number);
    toScheduler();
    fiber.meetings++;
    *came = group.came[set];
    *lane = self;
    return &group.slots[set][0][0];
}

__attribute__((visibility("default"))) void metalsim_barrier(int simdgroupOnly, int flags, int line) {
    if (simdgroupOnly) {
        unsigned came, lane;
        int nothing = 0;
        metalsim_meet(&nothing, sizeof nothing, SIMD_BARRIER | (flags & 3), line, &came, &lane);
        return;
    }
    if (atBarrier == 0) barrierLine = line;
    if (barrierLine != line) {
        finding(whoRuns() + ": threads of one threadgroup wait at different barriers, of lines " + std::to_string(barrierLine)
                + " and " + std::to_string(line));
        endDispatch();
    }
    if (alive < threadCount) {
        finding(whoRuns() + ": the barrier of line " + std::to_string(line)
                + " is reached after another thread of the threadgroup has returned");
        endDispatch();
    }
    if (++atBarrier == threadCount) {
        atBarrier = 0;
        if (flags & 1) epoch[0]++;
        if (flags & 2) epoch[1]++;
        for (int i = 0; i < threadCount; i++) ready.push_back(i);
    }
    toScheduler();
}

__attribute__((visibility("default"))) void metalsim_report(const char* what, int line) {
    finding(whoRuns() + ", line " + std::to_string(line) + ": " + what);
}

__attribute__((visibility("default"))) float metalsim_nudge(float value) {
    if (options.nudgeUlps == 0 || !(value - value == 0)) return value;
    int32_t bits;
    memcpy(&bits, &value, 4);
    int32_t magnitude = bits & 0x7fffffff;
    // The same for the same number, as hardware is.
    uint32_t hash = (uint32_t)bits * 2654435761u >> 8;
    int offset = (int)(hash % (2 * options.nudgeUlps + 1)) - options.nudgeUlps;
    if (magnitude > 0x00800000 + options.nudgeUlps && magnitude < 0x7f000000) bits += offset;
    memcpy(&value, &bits, 4);
    return value;
}
}

bool execute(Dispatch& dispatch) {
    now = &dispatch;
    int most = dispatch.group[0] * dispatch.group[1] * dispatch.group[2];
    if ((int)fibers.size() < most) fibers.resize(most);
    if ((int)simdgroups.size() < (most + 31) / 32) simdgroups.resize((most + 31) / 32);
    dynamicBytes = 0;
    for (size_t bytes : dispatch.threadgroupBytes) dynamicBytes += (bytes + 15) / 16 * 16;
    if (dynamicStore.size() < dynamicBytes + 64) dynamicStore.resize(dynamicBytes + 64);
    dynamicMemory = (uint8_t*)(((uintptr_t)dynamicStore.data() + 63) / 64 * 64);
    size_t staticBytes = dispatch.kernel->threadgroupEnd - dispatch.kernel->threadgroupStart;
    unsigned total = dispatch.groups[0] * dispatch.groups[1] * dispatch.groups[2];
    std::vector<unsigned> sequence(total);
    for (unsigned i = 0; i < total; i++) sequence[i] = options.order == 1 ? total - 1 - i : i;
    if (options.order == 2) std::shuffle(sequence.begin(), sequence.end(), shuffle);
    bool fine = true;
    for (unsigned number : sequence) {
        groupNumber = number;
        // What a threadgroup has not written is not a number.
        memset(dynamicMemory, 0xff, dynamicBytes);
        memset(dispatch.kernel->threadgroupStart, 0xff, staticBytes);
        if (options.check) threadgroupHistory.assign((dynamicBytes + staticBytes) / GRAIN_BYTES + 1, Grain());
        unsigned at[3] = {number % dispatch.groups[0], number / dispatch.groups[0] % dispatch.groups[1],
                number / dispatch.groups[0] / dispatch.groups[1]};
        if (!runGroup(at)) {
            fine = false;
            break;
        }
    }
    now = nullptr;
    return fine;
}

// What the executor hands to a kernel: plain C types, included by both sides.
#pragma once

enum { METALSIM_BUFFERS = 31, METALSIM_THREADGROUP_BUFFERS = 8 };

struct metalsim_context {
    const void* buffers[METALSIM_BUFFERS + 1];
    void* threadgroupBuffers[METALSIM_THREADGROUP_BUFFERS];
    unsigned positionInGrid[3], groupInGrid[3], positionInGroup[3];
    unsigned threadsPerGroup[3], groupsPerGrid[3], threadsPerGrid[3];
    unsigned indexInGroup, lane, simdgroup, simdgroups, lanes;
};

// One parameter of a kernel, in the order of its declaration.
struct metalsim_parameter {
    int kind;
    int index;
};

struct metalsim_kernel {
    const char* name;
    void (*run)(const struct metalsim_context*);
    int parameterCount;
    const struct metalsim_parameter* parameters;
    const long* sizes;  // bytes that a reference needs; negative: a pointer to elements of that size
    char* threadgroupStart;
    char* threadgroupEnd;
};

struct metalsim_constant {
    const char* name;
    int index;
    void* address;
    int sizeBytes;
};

enum metalsim_kind {
    METALSIM_BUFFER = 1,
    METALSIM_THREADGROUP = 2,
    METALSIM_POSITION_IN_GRID = 10,
    METALSIM_GROUP_IN_GRID,
    METALSIM_POSITION_IN_GROUP,
    METALSIM_THREADS_PER_GROUP,
    METALSIM_GROUPS_PER_GRID,
    METALSIM_THREADS_PER_GRID,
    METALSIM_INDEX_IN_GROUP = 20,
    METALSIM_LANE,
    METALSIM_SIMDGROUP,
    METALSIM_SIMDGROUPS,
    METALSIM_LANES
};

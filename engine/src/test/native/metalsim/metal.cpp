// Metal's object model as far as a compute engine uses it, with Apple's names, and what it would forbid.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "executor.h"
#include "finding.h"
#include "objc.h"
#include "program.h"

namespace {
using std::string;

struct MTLSize {
    NSUInteger width, height, depth;
};
struct NSString : Object { string text; };
struct NSError : Object { string text; NSInteger code; };
struct Device : Object { std::atomic<uint64_t> allocatedBytes{0}; };
struct CompileOptions : Object { BOOL fastMath = true; NSInteger mathMode = 2; NSUInteger language = 0; };
struct ConstantValues : Object { std::map<int, std::vector<uint8_t>> values; };
struct Library : Object { Program* program; };
struct Function : Object { Library* library; const metalsim_kernel* kernel; std::map<int, std::vector<uint8_t>> constants; };
struct Pipeline : Object { Function* function; };
struct Buffer : Object { uint8_t* bytes; size_t lengthBytes; bool owned; string label; std::unique_ptr<History> history; };
struct ResidencySet : Object { std::vector<id> members; bool committed = false, requested = false; };
struct CommandBuffer;
struct Encoder;
struct Queue : Object {
    std::deque<CommandBuffer*> waiting;
    std::mutex lock;
    std::condition_variable changed;
    bool closed = false, failed = false;
};
struct Command {
    Dispatch dispatch;
    Pipeline* pipeline;
    std::vector<Buffer*> buffers;
    std::deque<std::vector<uint8_t>> bytes;
};
struct CommandBuffer : Object {
    Queue* queue;
    Encoder* openEncoder = nullptr;
    std::vector<Command*> commands;
    std::atomic<NSUInteger> status{0};
    string error;
    NSInteger errorCode = 0;
    double start = 0, end = 0;
    std::mutex lock;
    std::condition_variable done;
};
struct Binding { Buffer* buffer = nullptr; size_t offset = 0; std::vector<uint8_t> bytes; };
struct Encoder : Object {
    CommandBuffer* commandBuffer;
    bool concurrent, ended = false;
    Pipeline* pipeline = nullptr;
    Binding bindings[METALSIM_BUFFERS];
    size_t threadgroupBytes[METALSIM_THREADGROUP_BUFFERS] = {};
    uint32_t orderedBefore;
};

const NSUInteger STATUS_COMMITTED = 2, STATUS_COMPLETED = 4, STATUS_ERROR = 5;
const size_t MOST_THREADGROUP_BYTES = 32768, MOST_SET_BYTES = 4096;

std::atomic<uint32_t> nextDispatch{1};
std::mutex gpu;
std::atomic<long> busy{0}, encodedWhileBusy{0};
// Never destroyed: at the end of the program some still wait.
std::mutex& hanging = *new std::mutex;
std::condition_variable& woken = *new std::condition_variable;
long hangs = 0, wokenHang = 0;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
size_t pageBytes() { return options.pageBytes ? options.pageBytes : (size_t)sysconf(_SC_PAGESIZE); }

id string_(const string& text) {
    NSString* s = make<NSString>("NSString");
    s->text = text;
    return autorelease(s);
}
id error_(const string& text, NSInteger code) {
    NSError* e = make<NSError>("NSError");
    e->text = text;
    e->code = code;
    return autorelease(e);
}

Device* theDevice() {
    static Device* device = make<Device>("MetalSimDevice");
    return device;
}

// --- the GPU: one command buffer after the other, on a thread of its own

void run(CommandBuffer* buffer) {
    std::lock_guard<std::mutex> guard(gpu);
    buffer->start = seconds();
    long number = options.commandBuffersRun++;
    if (buffer->queue->failed) {
        // What a GPU does with work that stood in the queue when a command before it failed.
        buffer->error = "Ignored (for causing prior/excessive GPU errors) (00000004:kIOGPUCommandBufferCallbackErrorSubmissionsIgnored)";
        buffer->errorCode = 4;
    } else if (options.fault == "error" && number >= options.faultAt) {
        options.fault = "";
        buffer->error = "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)";
        buffer->errorCode = 8;
    } else if (options.fault == "errors" && number >= options.faultAt) {
        buffer->error = "Impacting Interactivity (0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)";
        buffer->errorCode = 14;
    } else {
        for (Command* command : buffer->commands) {
            for (const metalsim_constant& constant : command->dispatch.program->constants) {
                auto value = command->pipeline->function->constants.find(constant.index);
                if (value != command->pipeline->function->constants.end()) {
                    memcpy(constant.address, value->second.data(), std::min((size_t)constant.sizeBytes, value->second.size()));
                }
            }
            if (!execute(command->dispatch)) {
                buffer->error = "Caused GPU Address Fault Error (0000000b:kIOGPUCommandBufferCallbackErrorPageFault)";
                buffer->errorCode = 11;
                break;
            }
        }
    }
    buffer->queue->failed = !buffer->error.empty();
    buffer->end = seconds();
}

void forget(CommandBuffer* buffer) {
    for (Command* command : buffer->commands) {
        for (Buffer* used : command->buffers) release(used);
        release(command->pipeline);
        delete command;
    }
    buffer->commands.clear();
}

void work(Queue* queue) {
    for (;;) {
        CommandBuffer* buffer;
        {
            std::unique_lock<std::mutex> hold(queue->lock);
            queue->changed.wait(hold, [&] { return queue->closed || !queue->waiting.empty(); });
            if (queue->waiting.empty()) return;
            buffer = queue->waiting.front();
            queue->waiting.pop_front();
        }
        // Does not complete, nor does anything behind it in this queue, until it is woken: perhaps never.
        if (options.fault == "hang" && options.commandBuffersRun >= options.faultAt) {
            options.fault = "";
            std::unique_lock<std::mutex> hold(hanging);
            long own = ++hangs;
            busy--;
            woken.wait(hold, [&] { return wokenHang == own; });
            busy++;
        }
        run(buffer);
        forget(buffer);
        busy--;
        {
            std::lock_guard<std::mutex> hold(buffer->lock);
            buffer->status = buffer->error.empty() ? STATUS_COMPLETED : STATUS_ERROR;
        }
        buffer->done.notify_all();
        release(buffer);
    }
}

// --- encoding

bool bind(Encoder* e, Command* command, const metalsim_kernel& kernel, int parameter) {
    const metalsim_parameter& p = kernel.parameters[parameter];
    string where = string(kernel.name) + ", index " + std::to_string(p.index) + ": ";
    long size = kernel.sizes[parameter];
    if (p.kind == METALSIM_THREADGROUP) {
        size_t length = e->threadgroupBytes[p.index];
        if (length == 0) finding(where + "no threadgroup memory is set");
        if (length % 16) finding(where + "threadgroup memory must be a multiple of 16 bytes, got " + std::to_string(length));
        return length != 0;
    }
    if (p.kind != METALSIM_BUFFER) return true;
    Binding& binding = e->bindings[p.index];
    if (!binding.buffer && binding.bytes.empty()) {
        finding(where + "no buffer is bound");
        return false;
    }
    uint8_t* start;
    size_t length;
    if (binding.buffer) {
        start = binding.buffer->bytes + binding.offset;
        length = binding.buffer->lengthBytes - binding.offset;
        retain(binding.buffer);
        command->buffers.push_back(binding.buffer);
        if (options.check && !binding.buffer->history) binding.buffer->history.reset(new History(binding.buffer->lengthBytes));
        command->dispatch.ranges.push_back({binding.buffer->bytes, binding.buffer->lengthBytes, binding.buffer->history.get(),
                binding.buffer->label.empty() ? "unnamed" : binding.buffer->label, p.index});
    } else {
        command->bytes.push_back(binding.bytes);
        start = command->bytes.back().data();
        length = binding.bytes.size();
        command->dispatch.ranges.push_back({start, length, nullptr, "bytes", p.index});
    }
    if (size > 0 && length < (size_t)size) {
        finding(where + "the argument has " + std::to_string(size) + " bytes, " + std::to_string(length) + " are bound");
        return false;
    }
    if (binding.buffer && binding.offset % 4) finding(where + "the offset must be a multiple of 4, got " + std::to_string(binding.offset));
    command->dispatch.buffers[p.index] = start;
    return true;
}

void dispatch(Encoder* e, MTLSize groups, MTLSize group, const NSUInteger* threads) {
    if (e->ended) return finding("dispatch after endEncoding");
    if (!e->pipeline) return finding("dispatch without a pipeline state");
    Function* function = e->pipeline->function;
    const metalsim_kernel& kernel = *function->kernel;
    NSUInteger count = group.width * group.height * group.depth;
    if (count == 0 || count > options.maxThreads) {
        return finding(string(kernel.name) + ": expected 1 to " + std::to_string(options.maxThreads)
                + " threads per threadgroup, got " + std::to_string(count));
    }
    if (groups.width * groups.height * groups.depth == 0) return finding(string(kernel.name) + ": an empty grid");
    Command* command = new Command();
    Dispatch& d = command->dispatch;
    d.program = function->library->program;
    d.kernel = &kernel;
    size_t threadgroupBytes = kernel.threadgroupEnd - kernel.threadgroupStart;
    for (int i = 0; i < METALSIM_THREADGROUP_BUFFERS; i++) {
        d.threadgroupBytes[i] = e->threadgroupBytes[i];
        threadgroupBytes += e->threadgroupBytes[i];
    }
    bool fine = threadgroupBytes <= MOST_THREADGROUP_BYTES;
    if (!fine) finding(string(kernel.name) + ": " + std::to_string(threadgroupBytes) + " bytes of threadgroup memory, 32768 are allowed");
    for (int i = 0; i < kernel.parameterCount && fine; i++) fine = bind(e, command, kernel, i);
    for (auto& constant : d.program->constants) {
        if (!function->constants.count(constant.index) && constant.index < 0) fine = false;
    }
    if (!fine) {
        for (Buffer* used : command->buffers) release(used);
        delete command;
        return;
    }
    const NSUInteger grid[3] = {groups.width, groups.height, groups.depth};
    const NSUInteger size[3] = {group.width, group.height, group.depth};
    for (int i = 0; i < 3; i++) {
        d.groups[i] = (unsigned)grid[i];
        d.group[i] = (unsigned)size[i];
        d.threads[i] = threads ? (unsigned)threads[i] : 0;
    }
    command->pipeline = e->pipeline;
    retain(e->pipeline);
    // Numbers within the command buffer; what counts is the order in which buffers are committed.
    d.id = (uint32_t)e->commandBuffer->commands.size();
    if (!e->concurrent) e->orderedBefore = d.id;
    d.orderedBefore = e->orderedBefore;
    e->commandBuffer->commands.push_back(command);
    if (busy > 0) encodedWhileBusy++;
}

id newEncoder(CommandBuffer* c, bool concurrent) {
    if (c->openEncoder) finding("a second encoder is opened while one is open");
    if (c->status) finding("an encoder is opened on a committed command buffer");
    Encoder* e = make<Encoder>("MetalSimComputeCommandEncoder");
    e->commandBuffer = c;
    e->concurrent = concurrent;
    e->orderedBefore = (uint32_t)c->commands.size();
    c->openEncoder = e;
    return autorelease(e);
}

id newBuffer(Device* device, void* bytes, size_t length, bool owned) {
    if (options.fault == "buffer" && options.buffersMade++ >= options.faultAt) {
        if (owned) free(bytes);
        return nullptr;
    }
    Buffer* b = make<Buffer>("MetalSimBuffer");
    b->bytes = (uint8_t*)bytes;
    b->lengthBytes = length;
    b->owned = owned;
    if (owned) device->allocatedBytes += length;
    return b;
}

Function* functionNamed(Library* library, NSString* name) {
    for (auto& kernel : library->program->kernels) {
        if (name->text != kernel.name) continue;
        Function* f = make<Function>("MetalSimFunction");
        f->library = library;
        retain(library);
        f->kernel = &kernel;
        return f;
    }
    return nullptr;
}

size_t constantBytes(NSUInteger type) {
    switch (type) {
        case 53: return 1;           // bool
        case 3: case 29: case 33: return 4;  // float, int, uint
        default: finding("setConstantValue: the type " + std::to_string(type) + " is not known"); return 4;
    }
}

// Captureless lambdas as code pointers.
template <class F> void* code(F f) { return (void*)+f; }

void makeFoundation() {
    method("NSObject", "retain", "@16@0:8", code([](id o, SEL) -> id { return retain(o); }));
    method("NSObject", "release", "v16@0:8", code([](id o, SEL) { release(o); }));
    method("NSObject", "respondsToSelector:", "B24@0:8:16", code([](id o, SEL, SEL name) -> BOOL {
        if (!options.residencySets && !strcmp(name, "newResidencySetWithDescriptor:error:")) return false;
        if (!options.residencySets && !strcmp(name, "setMathMode:")) return false;
        for (Class* c = o->isa; c; c = c->super) if (c->methods.count(name)) return true;
        return false;
    }));
    classMethod("NSString", "stringWithUTF8String:", "@24@0:8r*16", code([](id, SEL, const char* s) -> id { return string_(s); }));
    method("NSString", "UTF8String", "r*16@0:8", code([](NSString* o, SEL) -> const char* { return o->text.c_str(); }));
    method("NSError", "localizedDescription", "@16@0:8", code([](NSError* o, SEL) -> id { return string_(o->text); }));
    method("NSError", "code", "q16@0:8", code([](NSError* o, SEL) -> NSInteger { return o->code; }));
}

void makeDevice() {
    const char* D = "MetalSimDevice";
    method(D, "name", "@16@0:8", code([](Device*, SEL) -> id { return string_(options.deviceName); }));
    method(D, "maxBufferLength", "Q16@0:8", code([](Device*, SEL) -> NSUInteger { return options.maxBufferLength; }));
    method(D, "recommendedMaxWorkingSetSize", "Q16@0:8", code([](Device*, SEL) -> NSUInteger { return options.workingSetBytes; }));
    method(D, "currentAllocatedSize", "Q16@0:8", code([](Device* d, SEL) -> NSUInteger { return d->allocatedBytes; }));
    method(D, "maxThreadgroupMemoryLength", "Q16@0:8", code([](Device*, SEL) -> NSUInteger { return MOST_THREADGROUP_BYTES; }));
    method(D, "hasUnifiedMemory", "B16@0:8", code([](Device*, SEL) -> BOOL { return true; }));
    method(D, "supportsFamily:", "B24@0:8q16", code([](Device*, SEL, NSInteger f) -> BOOL { return f >= 1001 && f <= options.family; }));
    method(D, "newCommandQueue", "@16@0:8", code([](Device*, SEL) -> id {
        Queue* q = make<Queue>("MetalSimCommandQueue");
        std::thread(work, q).detach();
        return q;
    }));
    method(D, "newLibraryWithSource:options:error:", "@40@0:8@16@24^@32",
            code([](Device*, SEL, NSString* source, CompileOptions*, id* error) -> id {
                string message;
                Program* program = nullptr;
                if (options.fault == "library") message = "program_source:1:1: error: simulated failure of the compiler";
                else program = compile(source->text, message);
                if (!program) {
                    if (error) *error = error_(message, 3);
                    return nullptr;
                }
                Library* l = make<Library>("MetalSimLibrary");
                l->program = program;
                return l;
            }));
    method(D, "newComputePipelineStateWithFunction:error:", "@32@0:8@16^@24", code([](Device*, SEL, Function* f, id*) -> id {
        Pipeline* p = make<Pipeline>("MetalSimComputePipelineState");
        p->function = f;
        retain(f);
        return p;
    }));
    method(D, "newBufferWithLength:options:", "@32@0:8Q16Q24", code([](Device* d, SEL, NSUInteger length, NSUInteger) -> id {
        if (length == 0 || length > options.maxBufferLength) return nullptr;
        size_t rounded = (length + 16383) / 16384 * 16384;
        void* bytes = aligned_alloc(16384, rounded);
        // Metal gives zeros; what a kernel must not rely on is poisoned with what is not a number.
        memset(bytes, 0, rounded);
        return newBuffer(d, bytes, length, true);
    }));
    method(D, "newBufferWithBytesNoCopy:length:options:deallocator:", "@48@0:8^v16Q24Q32@?40",
            code([](Device* d, SEL, void* bytes, NSUInteger length, NSUInteger, void*) -> id {
                if ((uintptr_t)bytes % pageBytes() || length % pageBytes()) {
                    finding("newBufferWithBytesNoCopy: pointer and length must be multiples of the page of "
                            + std::to_string(pageBytes()) + " bytes");
                    return nullptr;
                }
                if (length == 0 || length > options.maxBufferLength) return nullptr;
                return newBuffer(d, bytes, length, false);
            }));
    method(D, "newResidencySetWithDescriptor:error:", "@32@0:8@16^@24",
            code([](Device*, SEL, id, id*) -> id { return make<ResidencySet>("MetalSimResidencySet"); }));
}

void makeLibraries() {
    classMethod("MTLCompileOptions", "new", "@16@0:8", code([](id, SEL) -> id { return make<CompileOptions>("MTLCompileOptions"); }));
    method("MTLCompileOptions", "setFastMathEnabled:", "v20@0:8B16", code([](CompileOptions* o, SEL, BOOL on) { o->fastMath = on; }));
    method("MTLCompileOptions", "setMathMode:", "v24@0:8q16", code([](CompileOptions* o, SEL, NSInteger mode) { o->mathMode = mode; }));
    method("MTLCompileOptions", "setLanguageVersion:", "v24@0:8Q16", code([](CompileOptions* o, SEL, NSUInteger v) { o->language = v; }));
    classMethod("MTLFunctionConstantValues", "new", "@16@0:8",
            code([](id, SEL) -> id { return make<ConstantValues>("MTLFunctionConstantValues"); }));
    method("MTLFunctionConstantValues", "setConstantValue:type:atIndex:", "v40@0:8r^v16Q24Q32",
            code([](ConstantValues* o, SEL, const uint8_t* value, NSUInteger type, NSUInteger index) {
                o->values[(int)index] = std::vector<uint8_t>(value, value + constantBytes(type));
            }));
    method("MetalSimLibrary", "newFunctionWithName:", "@24@0:8@16",
            code([](Library* l, SEL, NSString* name) -> id { return functionNamed(l, name); }));
    method("MetalSimLibrary", "newFunctionWithName:constantValues:error:", "@40@0:8@16@24^@32",
            code([](Library* l, SEL, NSString* name, ConstantValues* values, id* error) -> id {
                Function* f = functionNamed(l, name);
                if (!f) {
                    if (error) *error = error_("There is no function " + name->text, 5);
                    return nullptr;
                }
                f->constants = values->values;
                return f;
            }));
    const char* P = "MetalSimComputePipelineState";
    method(P, "maxTotalThreadsPerThreadgroup", "Q16@0:8", code([](id, SEL) -> NSUInteger { return options.maxThreads; }));
    method(P, "threadExecutionWidth", "Q16@0:8", code([](id, SEL) -> NSUInteger { return options.simdWidth; }));
    method(P, "staticThreadgroupMemoryLength", "Q16@0:8", code([](Pipeline* p, SEL) -> NSUInteger {
        return p->function->kernel->threadgroupEnd - p->function->kernel->threadgroupStart;
    }));
    classNamed(P)->dealloc = [](id o) { release(((Pipeline*)o)->function); };
    classNamed("MetalSimFunction")->dealloc = [](id o) { release(((Function*)o)->library); };
}

void makeBuffers() {
    const char* B = "MetalSimBuffer";
    method(B, "contents", "^v16@0:8", code([](Buffer* b, SEL) -> void* { return b->bytes; }));
    method(B, "length", "Q16@0:8", code([](Buffer* b, SEL) -> NSUInteger { return b->lengthBytes; }));
    method(B, "setLabel:", "v24@0:8@16", code([](Buffer* b, SEL, NSString* label) { b->label = label->text; }));
    classNamed(B)->dealloc = [](id o) {
        Buffer* b = (Buffer*)o;
        if (b->owned) {
            theDevice()->allocatedBytes -= b->lengthBytes;
            free(b->bytes);
        }
        b->history.reset();
    };
    classMethod("MTLResidencySetDescriptor", "new", "@16@0:8", code([](id, SEL) -> id { return make<Object>("MTLResidencySetDescriptor"); }));
    const char* R = "MetalSimResidencySet";
    method(R, "addAllocation:", "v24@0:8@16", code([](ResidencySet* r, SEL, id o) { r->members.push_back(retain(o)); r->committed = false; }));
    method(R, "commit", "v16@0:8", code([](ResidencySet* r, SEL) { r->committed = true; }));
    method(R, "requestResidency", "v16@0:8", code([](ResidencySet* r, SEL) {
        if (!r->committed) finding("requestResidency: the set has changes that were not committed");
        r->requested = true;
    }));
    method(R, "endResidency", "v16@0:8", code([](ResidencySet* r, SEL) { r->requested = false; }));
    classNamed(R)->dealloc = [](id o) { for (id each : ((ResidencySet*)o)->members) release(each); };
}

void makeQueues() {
    const char* Q = "MetalSimCommandQueue";
    method(Q, "commandBuffer", "@16@0:8", code([](Queue* q, SEL) -> id {
        CommandBuffer* c = make<CommandBuffer>("MetalSimCommandBuffer");
        c->queue = q;
        return autorelease(c);
    }));
    method(Q, "addResidencySet:", "v24@0:8@16", code([](Queue*, SEL, id) {}));
    classNamed(Q)->dealloc = [](id o) {
        Queue* q = (Queue*)o;
        std::lock_guard<std::mutex> hold(q->lock);
        q->closed = true;
        q->changed.notify_all();
    };
    const char* C = "MetalSimCommandBuffer";
    method(C, "computeCommandEncoderWithDispatchType:", "@24@0:8Q16",
            code([](CommandBuffer* c, SEL, NSUInteger type) -> id { return newEncoder(c, type == 1); }));
    method(C, "commit", "v16@0:8", code([](CommandBuffer* c, SEL) {
        if (c->openEncoder) finding("commit with an open encoder");
        if (c->status) return finding("a command buffer is committed twice");
        c->status = STATUS_COMMITTED;
        uint32_t base = nextDispatch.fetch_add((uint32_t)c->commands.size());
        for (Command* command : c->commands) {
            command->dispatch.id += base;
            command->dispatch.orderedBefore += base;
        }
        busy++;
        retain(c);
        {
            std::lock_guard<std::mutex> hold(c->queue->lock);
            c->queue->waiting.push_back(c);
        }
        c->queue->changed.notify_all();
    }));
    classNamed(C)->dealloc = [](id o) { forget((CommandBuffer*)o); };
    method(C, "waitUntilCompleted", "v16@0:8", code([](CommandBuffer* c, SEL) {
        if (c->status == 0) return finding("waitUntilCompleted before commit");
        std::unique_lock<std::mutex> hold(c->lock);
        c->done.wait(hold, [&] { return c->status >= STATUS_COMPLETED; });
    }));
    method(C, "status", "Q16@0:8", code([](CommandBuffer* c, SEL) -> NSUInteger { return c->status; }));
    method(C, "error", "@16@0:8", code([](CommandBuffer* c, SEL) -> id { return c->status == STATUS_ERROR ? error_(c->error, c->errorCode) : nullptr; }));
    method(C, "GPUStartTime", "d16@0:8", code([](CommandBuffer* c, SEL) -> double { return c->start; }));
    method(C, "GPUEndTime", "d16@0:8", code([](CommandBuffer* c, SEL) -> double { return c->end; }));
}

void makeEncoders() {
    const char* E = "MetalSimComputeCommandEncoder";
    method(E, "setComputePipelineState:", "v24@0:8@16", code([](Encoder* e, SEL, Pipeline* p) {
        retain(p);
        release(e->pipeline);
        e->pipeline = p;
    }));
    method(E, "setBuffer:offset:atIndex:", "v40@0:8@16Q24Q32", code([](Encoder* e, SEL, Buffer* b, NSUInteger offset, NSUInteger index) {
        if (index >= METALSIM_BUFFERS) return finding("setBuffer: indices end at 30, got " + std::to_string(index));
        if (b && offset >= b->lengthBytes) return finding("setBuffer: the offset " + std::to_string(offset) + " is behind the buffer's end");
        Binding& binding = e->bindings[index];
        retain(b);
        release(binding.buffer);
        binding.buffer = b;
        binding.offset = offset;
        binding.bytes.clear();
    }));
    method(E, "setBytes:length:atIndex:", "v40@0:8r^v16Q24Q32", code([](Encoder* e, SEL, const uint8_t* bytes, NSUInteger length, NSUInteger index) {
        if (index >= METALSIM_BUFFERS) return finding("setBytes: indices end at 30, got " + std::to_string(index));
        if (length == 0 || length > MOST_SET_BYTES) return finding("setBytes: expected 1 to 4096 bytes, got " + std::to_string(length));
        Binding& binding = e->bindings[index];
        release(binding.buffer);
        binding.buffer = nullptr;
        binding.bytes.assign(bytes, bytes + length);
    }));
    method(E, "setThreadgroupMemoryLength:atIndex:", "v32@0:8Q16Q24", code([](Encoder* e, SEL, NSUInteger length, NSUInteger index) {
        if (index < METALSIM_THREADGROUP_BUFFERS) e->threadgroupBytes[index] = length;
    }));
    method(E, "dispatchThreadgroups:threadsPerThreadgroup:", "v64@0:8{?=QQQ}16{?=QQQ}40",
            code([](Encoder* e, SEL, MTLSize groups, MTLSize group) { dispatch(e, groups, group, nullptr); }));
    method(E, "dispatchThreads:threadsPerThreadgroup:", "v64@0:8{?=QQQ}16{?=QQQ}40",
            code([](Encoder* e, SEL, MTLSize threads, MTLSize group) {
                if (group.width * group.height * group.depth == 0) return finding("dispatchThreads: an empty threadgroup");
                NSUInteger all[3] = {threads.width, threads.height, threads.depth};
                MTLSize groups = {(all[0] + group.width - 1) / group.width, (all[1] + group.height - 1) / group.height,
                        (all[2] + group.depth - 1) / group.depth};
                dispatch(e, groups, group, all);
            }));
    method(E, "memoryBarrierWithScope:", "v24@0:8Q16", code([](Encoder* e, SEL, NSUInteger scope) {
        if (scope & 1) e->orderedBefore = (uint32_t)e->commandBuffer->commands.size();
    }));
    method(E, "endEncoding", "v16@0:8", code([](Encoder* e, SEL) {
        if (e->ended) return finding("endEncoding twice");
        e->ended = true;
        e->commandBuffer->openEncoder = nullptr;
    }));
    classNamed(E)->dealloc = [](id o) {
        Encoder* e = (Encoder*)o;
        if (!e->ended) finding("an encoder is deallocated without endEncoding");
        release(e->pipeline);
        for (Binding& binding : e->bindings) release(binding.buffer);
    };
}

__attribute__((constructor)) void makeAll() {
    makeFoundation();
    makeDevice();
    makeLibraries();
    makeBuffers();
    makeQueues();
    makeEncoders();
}
}  // namespace

// Lets the command buffer that hung last go on.
extern "C" __attribute__((visibility("default"))) void metalsim_wake() {
    std::lock_guard<std::mutex> hold(hanging);
    wokenHang = hangs;
    woken.notify_all();
}

// Dispatches that were encoded while the GPU was at work.
extern "C" __attribute__((visibility("default"))) long metalsim_encoded_while_busy() { return encodedWhileBusy; }

extern "C" __attribute__((visibility("default"))) id MTLCreateSystemDefaultDevice() {
    return options.fault == "device" ? nullptr : retain(theDevice());
}

#include "objc.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <vector>

#include "finding.h"

std::atomic<long> liveObjects{0};

namespace {
std::mutex lock;

std::set<std::string>& selectors() {
    static std::set<std::string> all;
    return all;
}
std::unordered_map<std::string, Class*>& classes() {
    static std::unordered_map<std::string, Class*> all;
    return all;
}

Class* newClass(const std::string& name, Class* super) {
    Class* c = new Class();
    c->name = name;
    c->super = super;
    c->retains = 1;
    c->isa = nullptr;
    return c;
}

Method* lookUp(Class* c, SEL name) {
    for (; c; c = c->super) {
        auto found = c->methods.find(name);
        if (found != c->methods.end()) return &found->second;
    }
    return nullptr;
}

bool isClass(id object) {
    for (auto& each : classes()) if (each.second == object) return true;
    return false;
}

void* answerNil(id, SEL) { return nullptr; }

struct Pools {
    std::vector<std::vector<id>> open;
};
thread_local Pools pools;
}  // namespace

SEL selector(const char* name) {
    std::lock_guard<std::mutex> guard(lock);
    return selectors().insert(name).first->c_str();
}

Class* classNamed(const char* name) {
    std::lock_guard<std::mutex> guard(lock);
    Class*& c = classes()[name];
    if (!c) {
        Class* root = strcmp(name, "NSObject") ? classes()["NSObject"] : nullptr;
        c = newClass(name, root);
        c->isa = newClass(name, root ? root->isa : nullptr);
    }
    return c;
}

void method(const char* className, const char* name, const char* encoding, void* code) {
    classNamed(className)->methods[selector(name)] = {code, encoding};
}

void classMethod(const char* className, const char* name, const char* encoding, void* code) {
    classNamed(className)->isa->methods[selector(name)] = {code, encoding};
}

id retain(id object) {
    if (object) object->retains++;
    return object;
}

void release(id object) {
    if (!object || isClass(object)) return;
    long left = --object->retains;
    if (left == 0) {
        liveObjects--;
        if (object->isa->dealloc) object->isa->dealloc(object);
    } else if (left < 0) {
        finding("-[" + object->isa->name + " release]: released more often than retained");
    }
}

id autorelease(id object) {
    if (!object) return nullptr;
    if (pools.open.empty()) {
        finding("-[" + object->isa->name + " autorelease]: no pool is in place on this thread, the object leaks");
    } else {
        pools.open.back().push_back(object);
    }
    return object;
}

#define EXPORT extern "C" __attribute__((visibility("default")))
EXPORT SEL sel_registerName(const char* name) { return selector(name); }
EXPORT Class* objc_getClass(const char* name) {
    std::lock_guard<std::mutex> guard(lock);
    auto found = classes().find(name);
    return found == classes().end() ? nullptr : found->second;
}
EXPORT Class* object_getClass(id object) { return object ? object->isa : nullptr; }
EXPORT Method* class_getInstanceMethod(Class* c, SEL name) { return lookUp(c, name); }
EXPORT Method* class_getClassMethod(Class* c, SEL name) { return c ? lookUp(c->isa, name) : nullptr; }
EXPORT const char* method_getTypeEncoding(Method* m) { return m ? m->encoding : nullptr; }
EXPORT void* objc_autoreleasePoolPush() {
    pools.open.emplace_back();
    return (void*)pools.open.size();
}
EXPORT void objc_autoreleasePoolPop(void* pool) {
    size_t depth = (size_t)pool;
    if (depth == 0 || depth > pools.open.size()) {
        finding("objc_autoreleasePoolPop: the pool is not of this thread, or was popped before");
        return;
    }
    while (pools.open.size() >= depth) {
        std::vector<id> objects = std::move(pools.open.back());
        pools.open.pop_back();
        for (id object : objects) release(object);
    }
}
EXPORT long metalsim_live_objects() { return liveObjects; }

extern "C" void* metalsim_find_method(id self, SEL name) {
    bool toClass = isClass(self);
    if (!toClass && self->retains <= 0) {
        finding("-[" + self->isa->name + " " + name + "]: sent to a deallocated object");
        fprintf(stderr, "[metalsim] -[%s %s]: sent to a deallocated object\n", self->isa->name.c_str(), name);
        abort();
    }
    Method* found = lookUp(self->isa, name);
    if (!found) {
        finding(std::string(toClass ? "+[" : "-[") + self->isa->name + " " + name + "]: unrecognized selector");
        return (void*)answerNil;
    }
    return found->code;
}

// Keeps every argument register, looks the method up and jumps to it, so that any signature works.
#if defined(__aarch64__)
asm(R"(
.text
.globl objc_msgSend
.type objc_msgSend, %function
objc_msgSend:
    cbz x0, 1f
    stp x29, x30, [sp, #-16]!
    mov x29, sp
    sub sp, sp, #208
    stp x0, x1, [sp]
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    str x8, [sp, #64]
    stp q0, q1, [sp, #80]
    stp q2, q3, [sp, #112]
    stp q4, q5, [sp, #144]
    stp q6, q7, [sp, #176]
    bl metalsim_find_method
    mov x16, x0
    ldp x0, x1, [sp]
    ldp x2, x3, [sp, #16]
    ldp x4, x5, [sp, #32]
    ldp x6, x7, [sp, #48]
    ldr x8, [sp, #64]
    ldp q0, q1, [sp, #80]
    ldp q2, q3, [sp, #112]
    ldp q4, q5, [sp, #144]
    ldp q6, q7, [sp, #176]
    add sp, sp, #208
    ldp x29, x30, [sp], #16
    br x16
1:  mov x0, #0
    movi d0, #0
    ret
)");
#else
asm(R"(
.text
.globl objc_msgSend
.type objc_msgSend, @function
objc_msgSend:
    test %rdi, %rdi
    jz 1f
    push %rbp
    mov %rsp, %rbp
    sub $192, %rsp
    mov %rdi, (%rsp)
    mov %rsi, 8(%rsp)
    mov %rdx, 16(%rsp)
    mov %rcx, 24(%rsp)
    mov %r8, 32(%rsp)
    mov %r9, 40(%rsp)
    movaps %xmm0, 48(%rsp)
    movaps %xmm1, 64(%rsp)
    movaps %xmm2, 80(%rsp)
    movaps %xmm3, 96(%rsp)
    movaps %xmm4, 112(%rsp)
    movaps %xmm5, 128(%rsp)
    movaps %xmm6, 144(%rsp)
    movaps %xmm7, 160(%rsp)
    call metalsim_find_method
    mov %rax, %r11
    mov (%rsp), %rdi
    mov 8(%rsp), %rsi
    mov 16(%rsp), %rdx
    mov 24(%rsp), %rcx
    mov 32(%rsp), %r8
    mov 40(%rsp), %r9
    movaps 48(%rsp), %xmm0
    movaps 64(%rsp), %xmm1
    movaps 80(%rsp), %xmm2
    movaps 96(%rsp), %xmm3
    movaps 112(%rsp), %xmm4
    movaps 128(%rsp), %xmm5
    movaps 144(%rsp), %xmm6
    movaps 160(%rsp), %xmm7
    leave
    jmp *%r11
1:  xor %eax, %eax
    xorps %xmm0, %xmm0
    ret
)");
#endif

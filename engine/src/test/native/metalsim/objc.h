// An Objective-C runtime for the simulated Metal objects: classes, selectors, messages, retain counts, pools.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>

typedef const char* SEL;
typedef uint64_t NSUInteger;
typedef int64_t NSInteger;
typedef bool BOOL;

struct Class;
struct Object {
    Class* isa;
    std::atomic<long> retains;
};
typedef Object* id;

struct Method {
    void* code;
    const char* encoding;
};
struct Class : Object {
    std::string name;
    Class* super;
    std::unordered_map<SEL, Method> methods;
    void (*dealloc)(id) = nullptr;
};

SEL selector(const char* name);
// Makes the class when it is not there.
Class* classNamed(const char* name);
void method(const char* className, const char* name, const char* encoding, void* code);
void classMethod(const char* className, const char* name, const char* encoding, void* code);

id retain(id object);
void release(id object);
id autorelease(id object);

// A new object with one retain. Freed objects stay as zombies, so that a message to one is told by name.
template <class T> T* make(const char* className) {
    T* object = new T();
    object->isa = classNamed(className);
    object->retains = 1;
    extern std::atomic<long> liveObjects;
    liveObjects++;
    return object;
}
